package serve

import (
	"os"
	"path/filepath"
	"testing"

	"udml-gpu/engine/collection"
)

// A larger similarity leaves fewer near groups, and other kinds as they are; what need not be kept follows it.
func TestDuplicatesAtASimilarity(t *testing.T) {
	_, h, _ := started(t, nil)
	items := get[Items](t, h, "GET /v1/items", "").Items
	for _, c := range []struct {
		query, body           string
		similarity            float64
		groups, images, spare int
		saved                 int64
	}{
		{"", `{"spare":0}`, 0.9, 2, 4, 2, 17},
		{"?similarity=-0.5", `{"spare":-1}`, 0.9, 2, 4, 2, 17},
		{"?similarity=0.93", `{"spare":0.93}`, 0.93, 2, 4, 2, 7 + items[2].Size},
		{"?similarity=0.93004", `{"spare":0.93004}`, 0.93, 2, 4, 2, 7 + items[2].Size},
		{"?similarity=0.931", `{"spare":0.931}`, 0.931, 1, 2, 1, 7},
		{"?similarity=1", `{"spare":1}`, 1, 1, 2, 1, 7},
	} {
		for range 2 { // the second answer is a kept one
			got := get[Duplicates](t, h, "GET /v1/duplicates"+c.query, "")
			if got.Threshold != 0.9 || got.Similarity != c.similarity || got.NearPairs != 1 || got.Total != c.groups ||
				len(got.Groups) != c.groups || got.Images != c.images || got.Saved != c.saved {
				t.Errorf("%s: %+v", c.query, got)
			}
		}
		if got := get[IDs](t, h, "POST /v1/selection?as=ids", c.body); len(got.IDs) != c.spare {
			t.Errorf("%s: %v", c.body, got)
		}
	}
}

// That nobody has looked for duplicates yet is told from that there are none.
func TestDuplicatesNeverLookedFor(t *testing.T) {
	s, h, _ := started(t, nil)
	if a := get[About](t, h, "GET /v1/collection", ""); a.Duplicates == nil || *a.Duplicates != 2 || a.Copied != 4 {
		t.Errorf("%+v", a)
	}
	if err := os.Remove(filepath.Join(s.o.Path, "duplicates.json")); err != nil {
		t.Fatal(err)
	}
	if a := get[About](t, h, "POST /v1/reload", ""); a.Duplicates != nil || a.Copied != 0 {
		t.Errorf("after they were taken away: %+v", a)
	}
	v, _ := s.use()
	defer v.release()
	if err := v.c.SetDuplicates(&collection.Duplicates{Threshold: 0.9}); err != nil {
		t.Fatal(err)
	}
	if a := get[About](t, h, "POST /v1/reload", ""); a.Duplicates == nil || *a.Duplicates != 0 {
		t.Errorf("where none were found: %+v", a)
	}
}
