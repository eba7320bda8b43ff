package inference

import (
	"maps"
	"testing"
)

// TestAveragedViews: what decides over which views an image's features are the mean is in the hash, each setting for itself, and in the
// metadata of files where it is not the default.
func TestAveragedViews(t *testing.T) {
	dir, seen := photos(t, 12), map[string]string{}
	for _, c := range []struct {
		name   string
		change func(q *Request)
		want   map[string]string
	}{
		{"one view", nil, nil},
		{"mirror images", func(q *Request) { q.Config.MirrorAverage = true }, map[string]string{"mirror_average": "true"}},
		{"a second size", func(q *Request) { q.Config.AlsoSize = 20 }, map[string]string{"also_size": "20"}},
		{"another second size", func(q *Request) { q.Config.AlsoSize = 24 }, map[string]string{"also_size": "24"}},
		{
			"a mirrored second size", func(q *Request) { q.Config.AlsoSize, q.Config.AlsoMirrored = 20, true },
			map[string]string{"also_size": "20", "also_mirrored": "true"},
		},
	} {
		e := opened(t, request(t, dir, func(q *Request) {
			q.Config.HeadInit = "random" // the same weights for all, which the hash has too
			if c.change != nil {
				c.change(q)
			}
		}))
		hash, err := e.Hash()
		if err != nil {
			t.Fatal(err)
		}
		if before, is := seen[hash]; is {
			t.Errorf("%s has the hash of %s", c.name, before)
		}
		seen[hash] = c.name
		if got := e.averaged(); !maps.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
		about := e.metadata(nil)
		for key := range c.want {
			if about[key] == nil {
				t.Errorf("%s: the metadata of embeddings have no %s", c.name, key)
			}
		}
	}
}
