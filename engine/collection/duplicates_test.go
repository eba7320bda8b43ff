package collection

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// What is kept is read again; what is damaged, of other items or missing is refused in one sentence.
func TestDuplicatesAreKept(t *testing.T) {
	path, _, _ := filled(t, 5)
	c, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	if _, err := c.Duplicates(); err == nil || !strings.Contains(err.Error(), "has no duplicates yet: udml-gpu duplicates") {
		t.Error(err)
	}
	want := &Duplicates{
		Threshold: 0.9, Groups: []DuplicateGroup{{Kind: "near", MinSimilarity: 0.95, Saved: 7, Of: []int32{3, 0}}},
		Near: []NearPair{{A: 0, B: 3, Similarity: 0.95, HashBits: 2}},
	}
	if err := c.SetDuplicates(want); err != nil {
		t.Fatal(err)
	}
	if got, err := c.Duplicates(); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, %v", got, err)
	}
	sha := c.Manifest.Items.SHA256
	for text, says := range map[string]string{
		`{"items":"` + sha + `","groups":[{"of":[0,5]}]}`:          "damaged",
		`{"items":"` + sha + `","groups":[{"of":[-1,2]}]}`:         "damaged",
		`{"items":"` + sha + `","groups":[{"of":[1]}]}`:            "damaged",
		`{"items":"` + sha + `","near":[{"a":1,"b":5}]}`:           "damaged",
		`{"items":"` + sha + `","near":[{"a":-1,"b":2}]}`:          "damaged",
		`{"items":"` + sha + `","groups":`:                         "damaged",
		`{"items":"` + strings.Repeat("0", 64) + `"}`:              "of other images than it holds now",
		`{"items":"` + sha + `","near":[{"a":1,"b":99999999999}]}`: "damaged",
	} {
		if err := os.WriteFile(filepath.Join(path, "duplicates.json"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := c.Duplicates(); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", text, err)
		}
	}
}
