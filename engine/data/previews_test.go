package data

import (
	"testing"

	"udml-gpu/engine/data/datatest"
	"udml-gpu/engine/data/picture/rawfile/rawtest"
)

// TestPreviewsAreNoted: raw files are read and said to be previews once, in a folder, an archive and a list.
func TestPreviewsAreNoted(t *testing.T) {
	raw := rawtest.Nikon("MM\x00*", 1, rawtest.JPEG(16, 8))
	files := map[string][]byte{"a.NEF": raw, "x/b.nef": raw, "c.png": nil, "d.crw": raw, "list.csv": []byte("path\na.NEF\nc.png\n")}
	dir := datatest.Tree(t, files)
	for _, c := range []struct{ at, items, reasons, message string }{
		{
			dir, "a.NEF=-1 c.png=-1 x/b.nef=-1", "unread_format!=1 raw_preview=2 other_file=1",
			"only the preview inside is read of 2 camera raw files (.nef 2), a.NEF, x/b.nef",
		},
		{
			datatest.Archive(t, "a.zip", files), "a.NEF=-1 c.png=-1 x/b.nef=-1", "unread_format!=1 raw_preview=2 other_file=1",
			"only the preview inside is read of 2 camera raw files (.nef 2), a.NEF, x/b.nef",
		},
		{
			"csv:" + dir + "/list.csv", "a.NEF=-1 c.png=-1", "unlisted=1 raw_preview=1",
			"only the preview inside is read of 1 camera raw file (.nef 1), a.NEF",
		},
	} {
		s := openAs(t, c.at, Options{})
		if got := describe(s.Split("all")); got != c.items {
			t.Errorf("%s: %s, want %s", c.at, got, c.items)
		}
		if got := reasonsOf(s); got != c.reasons {
			t.Errorf("%s: %s, want %s", c.at, got, c.reasons)
		}
		for _, n := range s.Notes() {
			if n.Reason == "raw_preview" && n.Message != c.message {
				t.Errorf("%s: %s", c.at, n.Message)
			}
		}
		found, err := s.Split("all").Scan(t.Context(), 1, 0, nil)
		if err != nil || len(found.Damaged) > 0 {
			t.Errorf("%s: %v %v", c.at, found, err)
		}
	}
}
