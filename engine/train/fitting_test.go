package train

import (
	"regexp"
	"strconv"
	"strings"
	"testing"

	"udml-gpu/engine/setting"
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
			if err != nil || len(list) != 4 {
				t.Fatalf("%s in %d: %v, %v", name, free, list, err)
			}
			if fits := list[1].Value == "fits"; fits != (free == whole.all()) {
				t.Errorf("%s in %d: %v", name, free, list)
			}
			for i, recompute := range []bool{false, true} {
				of := c
				of.Recompute = recompute
				wantLargest(t, of, free, list[2+i].Value)
			}
		}
	}
	c := wide(t, "dinov2:dim=64,depth=12,heads=1", "cbs", 1)
	need, _ := stepBytes(c, c.Batch, nil)
	again := c
	again.Recompute = true
	less, _ := stepBytes(again, c.Batch, nil)
	few := less.all() - less.planned/2
	for _, k := range []struct {
		free int64
		want string // of the ways in which it fits
	}{
		{need.all() - 1, "with --recompute it needs .*, with --accumulate 2 it needs .*"},
		{less.all() - 1, "with --accumulate [2-8] it needs .*"},
		{few, "with --recompute --accumulate [2-8] it needs .*"},
		{1, `nor does it with --recompute in up to 8 parts \(--accumulate\)`},
	} {
		list, err := FindingsIn(k.free)(c, kernels.CPU())
		if err != nil || !regexp.MustCompile("^"+k.want+"$").MatchString(list[1].Note) {
			t.Errorf("in %d of %d bytes: %v, want %q; %v", k.free, need.all(), list, k.want, err)
		}
	}
	list, err := FindingsIn(few)(again, kernels.CPU())
	if err != nil || len(list) != 3 || !strings.Contains(list[0].Note, "--batch 8 with --recompute: ") ||
		!strings.HasPrefix(list[1].Note, "with --accumulate ") {
		t.Errorf("%v; %v", list, err)
	}
}

// wantLargest fails where a step of the largest batch does not fit in free bytes, or one of a larger batch does.
func wantLargest(t *testing.T, c setting.Config, free int64, largest string) {
	t.Helper()
	least, _ := strconv.Atoi(largest) // "none" is 0
	for _, images := range []int{least, least + 1} {
		if c.Batch = images; images == 0 {
			continue
		}
		if need, err := stepBytes(c, images, nil); err != nil || (need.all() <= free) != (images == least) {
			t.Errorf("%s in %d, recomputed %v: largest batch %s, but %d images take %d; %v",
				c.Backbone, free, c.Recompute, largest, images, need.all(), err)
		}
	}
}

// TestStepFindings: the memory of a step is shown with and without blocks that are computed again.
func TestStepFindings(t *testing.T) {
	c := wide(t, "squeezenet", "cbs", 1)
	want := regexp.MustCompile(`batch 8, with --recompute [0-9]+ MiB; --batch`)
	if list, err := StepFindings(c, kernels.CPU()); err != nil || len(list) != 1 || !want.MatchString(list[0].Note) {
		t.Errorf("%v; %v", list, err)
	}
	c.Recompute = true
	if list, err := StepFindings(c, kernels.CPU()); err != nil || !strings.Contains(list[0].Note, "batch 8 with --recompute; --batch") {
		t.Errorf("%v; %v", list, err)
	}
}
