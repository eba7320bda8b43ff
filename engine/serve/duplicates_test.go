package serve

import "testing"

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
			if got.Threshold != 0.9 || got.Similarity != c.similarity || got.NearPairs != 1 || got.Total != c.groups || len(got.Groups) != c.groups ||
				got.Images != c.images || got.Saved != c.saved {
				t.Errorf("%s: %+v", c.query, got)
			}
		}
		if got := get[IDs](t, h, "POST /v1/selection?as=ids", c.body); len(got.IDs) != c.spare {
			t.Errorf("%s: %v", c.body, got)
		}
	}
}
