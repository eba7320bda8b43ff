package fill

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"udml-gpu/engine/collection"
	"udml-gpu/engine/dist/accord"
	"udml-gpu/engine/inference"
	"udml-gpu/engine/setting"
	"udml-gpu/models/shard"
)

// TestRanksFillTheSame: a collection has the same bytes whichever number of ranks makes it and brings it up to date, with an embedding
// layer that is fitted on its images or on some of them, or not at all; with unreadable images, a last block that is not full, and fewer
// images than ranks.
func TestRanksFillTheSame(t *testing.T) {
	cases := map[string]struct {
		images, more int
		change       func(q *inference.Request)
	}{
		"fitted on all": {200, 70, nil},
		"pooled":        {330, 5, func(q *inference.Request) { q.Layer = "pooled" }},
		"within":        {100, 5, func(q *inference.Request) { q.Config.HeadInit = "within" }},
		"few":           {2, 1, func(q *inference.Request) { q.Config.HeadInit = "random" }},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			set := filepath.Join(dir, "photos")
			photos(t, set, 0, c.images)
			at := func(ranks int) string { return filepath.Join(dir, fmt.Sprintf("c%d.udml", ranks)) }
			for ranks := 1; ranks <= 4; ranks++ {
				r := well(t, ranks, newOf(t, set, at(ranks), c.change))
				if want := c.images - r.Damaged; r.Embedded != want || r.Images != want || r.Damaged > 1 {
					t.Errorf("%d ranks: %+v", ranks, r)
				}
				same(t, at(1), at(ranks))
			}
			photos(t, set, c.images, c.more)
			if err := os.Remove(filepath.Join(set, "a", "0000.png")); err != nil {
				t.Fatal(err)
			}
			for ranks := 1; ranks <= 4; ranks++ {
				r := well(t, ranks, updateOf(at(ranks)))
				if r.Embedded != c.more || r.Gone != 1 || !r.Changed {
					t.Errorf("%d ranks: %+v", ranks, r)
				}
				same(t, at(1), at(ranks))
				if r = well(t, ranks, updateOf(at(ranks))); r.Changed || r.Embedded != 0 {
					t.Errorf("%d ranks, without a change: %+v", ranks, r)
				}
			}
		})
	}
}

// TestRanksGoOn: a rank that is asked to stop ends all of them, and one that is gone; what is embedded is kept, and other numbers of ranks
// go on, to the same bytes.
func TestRanksGoOn(t *testing.T) {
	dir := t.TempDir()
	set, whole, part := filepath.Join(dir, "photos"), filepath.Join(dir, "whole.udml"), filepath.Join(dir, "part.udml")
	photos(t, set, 0, 700)
	pooled := func(q *inference.Request) { q.Layer = "pooled" }
	well(t, 1, newOf(t, set, whole, pooled))
	_, failures := onRanks(t, 3, newOf(t, set, part, pooled), func(rank, done int, stop func()) {
		if rank == 1 && done > 0 {
			stop()
		}
	}, nil)
	for rank, err := range failures {
		if !errors.Is(err, ErrStopped) || !accord.Ends(err) {
			t.Errorf("rank %d: %v", rank, err)
		}
	}
	wantPending(t, part, 3*64) // the image that cannot be read comes later
	_, failures = onRanks(t, 2, updateOf(part), nil, func(c shard.Carrier) shard.Carrier {
		return &dying{Carrier: c, after: 21}
	})
	if failures[1] == nil || failures[1].Error() != "killed" || failures[0] == nil || accord.Ends(failures[0]) {
		t.Errorf("after a kill: %v", failures)
	}
	if r := well(t, 4, newOf(t, set, part, pooled)); r.Embedded == 0 || r.Embedded > 699-3*64-128 {
		t.Errorf("%d images were left", r.Embedded)
	}
	same(t, whole, part)
}

// dying is a carrier whose rank 1 fails after some exchanges.
type dying struct {
	shard.Carrier
	after int
}

func (d *dying) Exchange(op string, to, from [][]byte) error {
	if d.after--; d.after < 0 && d.Rank() == 1 {
		return errors.New("killed")
	}
	return d.Carrier.Exchange(op, to, from)
}

// wantPending fails unless a collection that is not finished keeps so many images.
func wantPending(t *testing.T, path string, n int) {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(path, "pending", "items.jsonl"))
	if got := strings.Count(string(b), "\n"); err != nil || got != n {
		t.Errorf("%d images are kept, want %d (%v)", got, n, err)
	}
	if m, err := collection.ReadManifest(path); err != nil || m.Generation != 0 {
		t.Errorf("%+v, %v", m, err)
	}
}

// TestRanksDiffer: ranks with other images or other settings are told so.
func TestRanksDiffer(t *testing.T) {
	dir := t.TempDir()
	one, other := filepath.Join(dir, "one"), filepath.Join(dir, "other")
	photos(t, one, 0, 5)
	photos(t, other, 1, 5)
	for says, change := range map[string]func(q *inference.Request){
		"rank 1 on ": func(q *inference.Request) { q.Config.Data = other },
		"other settings than rank 0: \"dim: 9\", and there \"dim: 8\"": func(q *inference.Request) { q.Config.Dim = 9 },
		"--layer pooled": func(q *inference.Request) { q.Layer = "pooled" },
	} {
		_, failures := onRanks(t, 2, newOf(t, one, filepath.Join(dir, "c.udml"), func(q *inference.Request) {
			if q.Work.Group().Rank() == 1 {
				change(q)
			}
		}), nil, nil)
		var usage *setting.UsageError
		if !errors.As(failures[1], &usage) || !strings.Contains(usage.Error(), says) || failures[0] == nil {
			t.Errorf("%v does not say %s", failures, says)
		}
		_ = os.RemoveAll(filepath.Join(dir, "c.udml"))
	}
}
