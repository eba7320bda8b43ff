package data

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"udml-gpu/engine/data/datatest"
)

// link makes symbolic links below dir.
func link(t *testing.T, dir string, links map[string]string) {
	t.Helper()
	for name, to := range links {
		if err := os.Symlink(to, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
}

// TestSkippedFolders: bins and packages are skipped with reasons of their own, in a folder as in archives; a class named trash is read.
func TestSkippedFolders(t *testing.T) {
	files := map[string][]byte{
		"a/1.png": nil, "a/node_modules/x/2.png": nil, ".Trash-1000/files/3.png": nil, ".Trashes/4.png": nil, "#recycle/5.png": nil,
		"trash/6.png": nil, "Trash/7.png": nil, ".git/8.png": nil, "a/node_modules.png": nil,
	}
	for _, at := range []string{datatest.Tree(t, files), datatest.Archive(t, "a.zip", files), datatest.Archive(t, "a.tar", files)} {
		s := openAs(t, at, Options{})
		want := "Trash/7.png=-1 a/1.png=-1 a/node_modules.png=-1 trash/6.png=-1"
		if got := describe(s.Split("all")); got != want {
			t.Errorf("%s: %s, want %s", at, got, want)
		}
		if got, want := reasonsOf(s), "trash=3 node_modules=1 hidden=1"; got != want {
			t.Errorf("%s: %s, want %s", at, got, want)
		}
	}
}

// TestHomeTrash: a folder named Trash is a bin when it looks like one.
func TestHomeTrash(t *testing.T) {
	s := openAs(t, datatest.Tree(t, map[string][]byte{
		"1.png": nil, "x/Trash/files/2.png": nil, "x/Trash/info/2.trashinfo": nil, "y/Trash/files/3.png": nil,
	}), Options{})
	if got := describe(s.Split("all")); got != "1.png=-1 y/Trash/files/3.png=-1" {
		t.Error(got)
	}
	if got := reasonsOf(s); got != "trash=1" {
		t.Error(got)
	}
}

// TestIgnoreFiles: the innermost file with a rule for a name decides; what lies in a folder that is left out cannot be taken again.
func TestIgnoreFiles(t *testing.T) {
	files := map[string][]byte{
		".udmlignore": []byte("# comment\r\n*.gif\r\n/drafts/\n!keep.gif\nb/**/2.png\nnotes.*\n"),
		"1.png":       nil, "1.gif": nil, "keep.gif": nil, "drafts/2.png": nil, "x/drafts/3.png": nil, "b/x/y/2.png": nil,
		"drafts/.udmlignore": []byte("!2.png"), "c/.udmlignore": []byte("!*.gif\n/5.png\n"), "c/4.gif": nil, "c/5.png": nil,
		"c/x/5.png": nil, "notes.txt": nil, "c/notes.md": nil, "other.txt": nil, ".hidden.gif": nil,
	}
	places := []string{datatest.Tree(t, files)}
	for _, kind := range []string{".zip", ".tar", ".tar.gz"} {
		places = append(places, datatest.Archive(t, "a"+kind, files))
	}
	for _, place := range places {
		s := openAs(t, place, Options{})
		want := "1.png=-1 c/4.gif=-1 c/x/5.png=-1 keep.gif=-1 x/drafts/3.png=-1"
		if got := describe(s.Split("all")); got != want {
			t.Errorf("%s: %s, want %s", place, got, want)
		}
		if got := reasonsOf(s); got != "ignored=6 hidden=1 other_file=1" {
			t.Errorf("%s: %s", place, got)
		}
		if got := s.Notes()[0].Message; got != "not used: 6 files or folders left out by .udmlignore, such as 1.gif, b/x/y/2.png, c/5.png" {
			t.Errorf("%s: %s", place, got)
		}
	}
}

// TestBadIgnoreFiles: what cannot be read is an error, since its images would be taken otherwise; a folder of that name is hidden.
func TestBadIgnoreFiles(t *testing.T) {
	for content, says := range map[string]string{
		"\xff\xfea\x00": ".udmlignore is in UTF-16: save it as UTF-8", strings.Repeat("a\n", 1<<20): ".udmlignore cannot be read",
	} {
		files := map[string][]byte{"a/1.png": nil, "a/.udmlignore": []byte(content)}
		for _, place := range []string{
			datatest.Tree(t, files), datatest.Archive(t, "a.zip", files), datatest.Archive(t, "a.tar", files),
			datatest.Archive(t, "a.tgz", files),
		} {
			if _, err := Open(place, Options{}); err == nil || !strings.Contains(err.Error(), says) {
				t.Errorf("%s: %v, want %s", place, err, says)
			}
		}
	}
	s := openAs(t, datatest.Tree(t, map[string][]byte{"1.png": nil, ".udmlignore/x": []byte("*")}), Options{})
	if got := describe(s.Split("all")) + " " + reasonsOf(s); got != "1.png=-1 hidden=1" {
		t.Error(got)
	}
	all := map[string][]byte{"1.png": nil, ".udmlignore": []byte("*")}
	for _, place := range []string{datatest.Tree(t, all), datatest.Archive(t, "all.zip", all), datatest.Archive(t, "all.tar", all)} {
		_, err := Open(place, Options{})
		if err == nil || !strings.Contains(err.Error(), "holds no images, but 1 file or folder left out by .udmlignore, 1.png") {
			t.Error(err)
		}
	}
}

// TestIgnoreFilesInArchives: folders that are left out are no splits, those in folders that are skipped hold no rules, and a list takes
// what it names.
func TestIgnoreFilesInArchives(t *testing.T) {
	for _, kind := range []string{".zip", ".tar"} {
		s := openAs(t, datatest.Archive(t, "a"+kind, map[string][]byte{
			"top/.udmlignore": []byte("/val/\n"), "top/train/a/1.png": nil, "top/test/a/2.png": nil, "top/val/a/3.png": nil,
			"__MACOSX/.udmlignore": []byte("*"), ".git/.udmlignore": []byte("*"), "top/.git/.udmlignore": []byte("*"),
		}), Options{})
		if got := strings.Join(s.Splits(), " ") + " " + reasonsOf(s); got != "train test ignored=1 system=1 hidden=2" {
			t.Errorf("%s: %s", kind, got)
		}
	}
}

// TestLongIgnoreFilesInArchives: rules that would take hours for the names in a hostile archive are refused.
func TestLongIgnoreFilesInArchives(t *testing.T) {
	files := map[string][]byte{"1.png": nil}
	for i := range 3 {
		files[strings.Repeat("a/", i+1)+".udmlignore"] = []byte(strings.Repeat("*a", 1<<19))
	}
	_, err := Open(datatest.Archive(t, "a.zip", files), Options{})
	if err == nil || !strings.Contains(err.Error(), "a.zip: its files .udmlignore are too long for its 1 files: shorten") {
		t.Error(err)
	}
}

// TestFollow: with links followed, each folder is read once, under the name that it has without links where there is one.
func TestFollow(t *testing.T) {
	away := datatest.Tree(t, map[string][]byte{"1.png": nil, "deep/2.png": nil, ".udmlignore": []byte("skip.png"), "skip.png": nil})
	dir := datatest.Tree(t, map[string][]byte{"m/3.png": nil, "m/n/4.png": nil, ".udmlignore": []byte("/left/\n")})
	link(t, away, map[string]string{"back": dir, "self": "."})
	link(t, dir, map[string]string{
		"a": "m/n", "b": away, "c": away, "loop": "loop", "m/top": dir, "left": away, "node_modules": away, "z.png": "m/3.png",
	})
	s := openAs(t, dir, Options{Follow: true})
	want := "b/1.png=-1 b/deep/2.png=-1 m/3.png=-1 m/n/4.png=-1 z.png=-1"
	if got := describe(s.Split("all")); got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if got := reasonsOf(s); got != "broken_link!=1 linked_again=5 ignored=2 node_modules=1" {
		t.Error(got)
	}
	for i := range s.Split("all").Items {
		if _, err := s.Split("all").ReadImage(i); err != nil {
			t.Error(err)
		}
	}
	s = openAs(t, dir, Options{})
	if got := describe(s.Split("all")); got != "m/3.png=-1 m/n/4.png=-1 z.png=-1" {
		t.Error(got)
	}
}

// TestFollowUp: a link to the folder around the data set brings in what is beside it, and the data set keeps its names.
func TestFollowUp(t *testing.T) {
	dir := datatest.Tree(t, map[string][]byte{"set/1.png": nil, "beside/2.png": nil})
	set := filepath.Join(dir, "set")
	link(t, set, map[string]string{"up": ".."})
	s := openAs(t, set, Options{Follow: true})
	if got := describe(s.Split("all")) + " " + reasonsOf(s); got != "1.png=-1 up/beside/2.png=-1 linked_again=1" {
		t.Error(got)
	}
}

// TestFollowManyLinks: folders whose links double the paths with each step are read in time that grows with their number.
func TestFollowManyLinks(t *testing.T) {
	files, links := map[string][]byte{}, map[string]string{}
	for i := range 40 {
		here, next := string(rune('A'+i)), string(rune('A'+i+1))
		files[here+"/1.png"] = nil
		links[here+"/x"], links[here+"/y"] = "../"+next, "../"+next
	}
	dir := datatest.Tree(t, files)
	link(t, dir, links)
	if got := len(openAs(t, dir, Options{Follow: true}).Split("all").Items); got != 40 {
		t.Fatalf("%d images", got)
	}
}
