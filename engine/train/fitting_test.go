package train

import (
	"fmt"
	"strconv"
	"testing"

	"udml-gpu/kernels"
)

// TestFindingsIn: the batch that is said to be the largest fits, and the next one does not; likewise of parts.
func TestFindingsIn(t *testing.T) {
	for _, name := range stepNetworks {
		c := wide(t, name, "cbs", 1)
		whole, err := stepBytes(c, c.Batch, nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, free := range []int64{whole.all(), whole.all() - 1, whole.all() / 2, 1} {
			list, err := FindingsIn(free)(c, kernels.CPU())
			if err != nil || len(list) != 3 {
				t.Fatalf("%s in %d: %v, %v", name, free, list, err)
			}
			if fits := list[1].Value == "fits"; fits != (free == whole.all()) {
				t.Errorf("%s in %d: %v", name, free, list)
			}
			least, _ := strconv.Atoi(list[2].Value) // "none" is 0
			for _, images := range []int{least, least + 1} {
				of := c
				of.Batch = images
				if images == 0 {
					continue
				}
				if need, err := stepBytes(of, images, nil); err != nil || (need.all() <= free) != (images == least) {
					t.Errorf("%s in %d: largest batch %s, but %d images take %d; %v", name, free, list[2].Value, images, need.all(), err)
				}
			}
		}
	}
	c := wide(t, "conv4", "cbs", 1)
	need, _ := stepBytes(c, c.Batch, nil)
	list, err := FindingsIn(need.all()/2)(c, kernels.CPU())
	parts, less := fewestParts(c, c.Batch, nil, need.all()/2)
	if want := fmt.Sprintf("with --accumulate %d it needs %s", parts, room(less.all())); err != nil || parts < 2 || list[1].Note != want {
		t.Errorf("%v, want %q; %v", list, want, err)
	}
}
