package data

import (
	"slices"
	"testing"

	"udml-gpu/engine/data/datatest"
)

// TestFormatsAreNamed: messages name each format, and those with boxes by how the boxes are used.
func TestFormatsAreNamed(t *testing.T) {
	_, err := Open("nowhere", Options{})
	for _, name := range Formats() {
		datatest.WantError(t, err, name+":")
	}
	always, asked := Boxed()
	if !slices.Equal(always, []string{"csv", "jsonl"}) || !slices.Equal(asked, []string{"cub", "cars", "inshop"}) {
		t.Errorf("boxes: %v, and when asked %v", always, asked)
	}
	datatest.WantError(t, noBoxes("sop:x"), "goes with cub, cars and inshop, and with csv and jsonl lists")
}
