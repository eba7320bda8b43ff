package data

import (
	"slices"
	"strings"
	"testing"

	"udml-gpu/engine/data/archive"
	"udml-gpu/engine/data/notes"
)

// FuzzLayout: for any names, each image is in at most one split, has the class of a folder that it lies in, and is in the set of
// all; a note counts those in no split.
func FuzzLayout(f *testing.F) {
	f.Add("train/a/1.png\ntest/b/2.png\ncover.png", "auto")
	f.Add("x/y/train2017/1.png\nx/y/VAL/2.png\nx/3.png", "splits")
	f.Add("train/train/train/1.png\ntest/test/2.png", "plain")
	f.Add(strings.Repeat("a/", 40)+"train/1.png\n"+strings.Repeat("a/", 40)+"test/1.png", "auto")
	f.Fuzz(func(t *testing.T, text, mode string) {
		var images []string
		for name := range strings.SplitSeq(text, "\n") {
			if name != "" && archive.UnsafeName(name) == "" && !strings.Contains("/"+name+"/", "//") && len(images) < 100 {
				images = append(images, name)
			}
		}
		slices.Sort(images)
		if images = slices.Compact(images); len(images) == 0 {
			return
		}
		s := &Source{name: "fuzz"}
		s.makeSplits(archive.Listing{Images: images, Folders: []string{"test", "x/train"}}, Options{Labels: "folder", Layout: mode})
		in := 0
		for _, set := range s.splits {
			in += len(set.Items)
			wantClasses(t, set)
		}
		wantClasses(t, s.all)
		outside := 0
		for _, n := range s.notes {
			if n.Reason == notes.ReasonOutside {
				outside = n.Count
			}
		}
		if len(s.all.Items) != len(images) || len(s.splits) > 0 && in+outside != len(images) || len(s.splits) == 0 && outside > 0 {
			t.Fatalf("%d images: %d of all, %d in splits, %d outside", len(images), len(s.all.Items), in, outside)
		}
	})
}

func wantClasses(t *testing.T, set *Set) {
	t.Helper()
	for _, item := range set.Items {
		if item.Label >= 0 && !strings.Contains("/"+item.Name, "/"+set.Classes[item.Label]+"/") {
			t.Fatalf("%s: %q is of the class %q", set.Name, item.Name, set.Classes[item.Label])
		}
	}
}
