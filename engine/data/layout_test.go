package data

import (
	"bytes"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"

	"udml-gpu/engine/data/datatest"
)

// openNames opens a zip of images with these names; names of folders end in a slash.
func openNames(t *testing.T, o Options, names ...string) *Source {
	t.Helper()
	b := datatest.Zip(t, names...)
	s, err := OpenZip("x.zip", bytes.NewReader(b), int64(len(b)), o)
	if err != nil {
		t.Fatalf("%v: %v", names, err)
	}
	return s
}

// reasonsOf writes the notes of a source as reason=count, with an exclamation mark for a warning.
func reasonsOf(s *Source) string {
	var parts []string
	for _, n := range s.Notes() {
		mark := ""
		if n.Warning {
			mark = "!"
		}
		parts = append(parts, n.Reason+mark+"="+strconv.Itoa(n.Count))
	}
	return strings.Join(parts, " ")
}

// layoutCases are the cases of TestLayouts.
var layoutCases = []struct {
	mode, files, train, test, val string
	notes                         string
}{
	// In a split layout the top holds only the splits and files that are not images.
	{
		"auto", "train/a/1.png test/b/2.png README.md labels.csv annotations/x.json", "train/a/1.png=0", "test/b/2.png=0", "nil",
		"other_file=3",
	},
	{"auto", "train/1.png test/2.png", "train/1.png=-1", "test/2.png=-1", "nil", ""},
	{"auto", "train/a/1.png", "train/a/1.png=0", "nil", "nil", ""},
	{"auto", "test/a/1.png", "nil", "test/a/1.png=0", "nil", ""},
	{"auto", "bus/1.png train/2.png truck/3.png", "nil", "nil", "nil", "layout=1"},
	{"auto", "2019/1.png 2020/2.png test/3.png", "nil", "nil", "nil", "layout=1"},
	{"auto", "bus/1.png val/2.png", "nil", "nil", "nil", ""}, // val alone does not make a split layout
	{"auto", "bus/1.png car/2.png test/3.png train/4.png", "nil", "nil", "nil", "layout!=2"},
	{"auto", "1.png 2.png test/3.png", "nil", "nil", "nil", "layout=1"},
	{"auto", "1.png train/a/3.png", "nil", "nil", "nil", "layout=1"},
	// Pictures beside two splits are left out and counted.
	{"auto", "cover.png train/a/1.png test/b/2.png", "train/a/1.png=0", "test/b/2.png=0", "nil", "outside_splits!=1"},
	{"auto", "cover.png train/1.png val/2.png", "train/1.png=-1", "nil", "val/2.png=-1", "outside_splits!=1"},
	{
		"auto", "cover.png ds/cover.png ds/train/a/1.png ds/test/b/2.png", "ds/train/a/1.png=0", "ds/test/b/2.png=0", "nil",
		"outside_splits!=2",
	},
	// A single folder around all is searched.
	{
		"auto", "x/y/train/a/1.png x/y/test/b/2.png __MACOSX/x/z.png x/y/notes.txt", "x/y/train/a/1.png=0", "x/y/test/b/2.png=0", "nil",
		"system=1 other_file=1",
	},
	{"auto", "a/train/1.png a/test/2.png b/train/3.png b/test/4.png", "nil", "nil", "nil", "layout!=4"},
	{"auto", "cat/train/1.png cat/test/2.png", "cat/train/1.png=-1", "cat/test/2.png=-1", "nil", ""},
	// Other names of splits.
	{"auto", "Train/a/1.png TEST/b/2.png Validation/c/3.png", "Train/a/1.png=0", "TEST/b/2.png=0", "Validation/c/3.png=0", ""},
	{
		"auto", "training/1.png testing/2.png dev/3.png valid/4.png", "training/1.png=-1", "testing/2.png=-1",
		"dev/3.png=-1 valid/4.png=-1", "",
	},
	{"auto", "train2017/1.png val2017/2.png test2014/3.png", "train2017/1.png=-1", "test2014/3.png=-1", "val2017/2.png=-1", ""},
	{"auto", "train1/1.png train2/2.png trains/3.png", "nil", "nil", "nil", ""},
	// Empty splits.
	{"auto", "train/a/1.png test/ test/b/", "train/a/1.png=0", "nil", "nil", "split_without_images!=1"},
	{"auto", "train/a/1.png test/b/2.x3f", "train/a/1.png=0", "nil", "nil", "unread_format!=1"},
	{
		"auto", "ds/train/ ds/test/b/2.png ds/test/val/1.png", "nil", "ds/test/b/2.png=0 ds/test/val/1.png=1", "nil",
		"split_without_images!=1",
	},
	// As the user asks.
	{"splits", "bus/1.png train/2.png truck/3.png", "train/2.png=-1", "nil", "nil", "outside_splits!=2"},
	{"splits", "x/docs/1.png x/train/a/2.png x/test/b/3.png", "x/train/a/2.png=0", "x/test/b/3.png=0", "nil", "outside_splits!=1"},
	{"splits", "val/a/1.png", "nil", "nil", "val/a/1.png=0", ""},
	{"plain", "train/a/1.png test/b/2.png", "nil", "nil", "nil", ""},
}

func TestLayouts(t *testing.T) {
	for _, c := range layoutCases {
		s := openNames(t, Options{Layout: c.mode}, strings.Fields(c.files)...)
		got := []string{describe(s.Split("train")), describe(s.Split("test")), describe(s.Split("val"))}
		if want := []string{c.train, c.test, c.val}; !slices.Equal(got, want) {
			t.Errorf("%s of %s:\n got %q\nwant %q", c.mode, c.files, got, want)
		}
		if got := reasonsOf(s); got != c.notes {
			t.Errorf("%s of %s: notes %q, want %q", c.mode, c.files, got, c.notes)
		}
		if want := "plain"; s.Layout() == want != (len(s.Splits()) == 0) {
			t.Errorf("%s of %s: layout %s with the splits %q", c.mode, c.files, s.Layout(), s.Splits())
		}
	}
}

func TestClassFolders(t *testing.T) {
	for _, c := range []struct{ files, want string }{
		{"bus/1.png train/2.png truck/3.png", "bus/1.png=0 train/2.png=1 truck/3.png=2"},
		{"ds/a/1.png ds/b/2.png", "ds/a/1.png=0 ds/b/2.png=1"},
		{"x/ds/a/1.png x/ds/b/c/2.png", "x/ds/a/1.png=0 x/ds/b/c/2.png=1"},
		{"ds/a/1.png ds/b/2.png __MACOSX/ds/a/1.png ds/README.md LICENSE", "ds/a/1.png=0 ds/b/2.png=1"},
		{"cover.png ds/a/1.png ds/b/2.png", "cover.png=-1 ds/a/1.png=0 ds/b/2.png=1"},
		{"ds/cover.png ds/a/1.png ds/b/2.png", "ds/a/1.png=0 ds/b/2.png=1 ds/cover.png=-1"},
		{"a/1.png", "a/1.png=0"}, // a single class
		{"a/b/1.png a/2.png", "a/2.png=0 a/b/1.png=0"},
		{"nan/1.png None/2.png null/3.png", "None/2.png=0 nan/1.png=1 null/3.png=2"},
		{"ds/train/a/1.png ds/train/b/2.png ds/test/c/3.png", "ds/test/c/3.png=2 ds/train/a/1.png=0 ds/train/b/2.png=1"},
		{"1.png train/a/2.png train/b/3.png", "1.png=-1 train/a/2.png=0 train/b/3.png=1"},
	} {
		s := openNames(t, Options{Labels: "folder"}, strings.Fields(c.files)...)
		if got := describe(s.Split("all")); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.files, got, c.want)
		}
	}
}

// TestLayoutsAreTheSameEverywhere: a folder, a zip and a tar of the same files are read in the same way, with the same notes.
func TestLayoutsAreTheSameEverywhere(t *testing.T) {
	files := map[string][]byte{
		"ds/train/a/1.png": nil, "ds/test/b/2.png": nil, "ds/cover.png": nil, "ds/.git/config": nil, "ds/.git/HEAD": nil,
		"ds/@eaDir/1.png": nil,
		"ds/a.CRW":        nil, "ds/b.crw": nil, "ds/notes.txt": nil, "ds/Thumbs.db": nil, "ds/$RECYCLE.BIN/x/3.png": nil,
		"ds/x.tar.gz": nil, "ds/._1.png": nil,
	}
	want := "unread_format!=2 archive_inside!=1 outside_splits!=1 trash=1 system=2 hidden=2 other_file=1"
	for _, at := range []string{
		datatest.Tree(t, files), datatest.Archive(t, "a.zip", files), datatest.Archive(t, "a.tar", files),
		datatest.Archive(t, "a.tgz", files),
	} {
		s := openAs(t, at, Options{})
		if got := reasonsOf(s); got != want {
			t.Errorf("%s: notes %s, want %s", at, got, want)
		}
		if got := describe(s.Split("all")); got != "ds/cover.png=-1 ds/test/b/2.png=1 ds/train/a/1.png=0" {
			t.Errorf("%s: %s", at, got)
		}
		if n := s.Notes()[0]; !maps.Equal(n.Kinds, map[string]int{".crw": 2}) ||
			!slices.Equal(n.Examples, []string{"ds/a.CRW", "ds/b.crw"}) {
			t.Errorf("%s: %+v", at, n)
		}
	}
}

func TestLayoutRefuses(t *testing.T) {
	b := datatest.Zip(t, "a/1.png", "b/2.png")
	_, err := OpenZip("x.zip", bytes.NewReader(b), int64(len(b)), Options{Layout: "splits"})
	datatest.WantError(t, err, "x.zip", "no folders train, test or val", "--layout splits")
}
