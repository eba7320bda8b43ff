package data

import (
	"context"
	"testing"

	"udml-gpu/engine/data/datatest"
)

func TestScan(t *testing.T) {
	same := datatest.PNG(4, 3, 9)
	dir := datatest.Tree(
		t,
		map[string][]byte{
			"a.png":   same,
			"b/c.png": same,
			"d.png":   nil,
			"e.png":   []byte("no image"),
			"f.png":   []byte("no image"),
			"g.png":   {},
		},
	)
	set := openAs(t, dir, Options{}).Split("all")
	for _, workers := range []int{0, 1, 7} {
		calls := 0
		f, err := set.Scan(context.Background(), workers, 0, func(done, total int) {
			if calls++; done != calls || total != 6 {
				t.Errorf("call %d: %d of %d", calls, done, total)
			}
		})
		if err != nil || calls != 6 {
			t.Fatalf("%d calls, %v", calls, err)
		}
		if len(f.Damaged) != 3 || f.Damaged[0].Name != "e.png" || f.Damaged[2].Name != "g.png" {
			t.Errorf("damaged: %v", f.Damaged)
		}
		if len(f.Duplicates) != 2 || f.Duplicates[0][0] != "a.png" || f.Duplicates[0][1] != "b/c.png" || f.Duplicates[1][1] != "f.png" {
			t.Errorf("duplicates: %v", f.Duplicates)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := set.Scan(ctx, 2, 0, nil); err != context.Canceled {
		t.Fatalf("a scan that was stopped ends with %v", err)
	}
}
