package data

import (
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"udml-gpu/engine/data/datatest"
	"udml-gpu/engine/data/picture"
)

// below puts files into a folder.
func below(folder string, files map[string][]byte) map[string][]byte {
	out := map[string][]byte{}
	for name, b := range files {
		out[folder+"/"+name] = b
	}
	return out
}

// openAs opens format:path without an error.
func openAs(t testing.TB, spec string, o Options) *Source {
	t.Helper()
	s, err := Open(spec, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func TestCUB(t *testing.T) {
	packed := below("CUB_200_2011", datatest.CubFiles())
	packed["attributes.txt"] = []byte("1 has_bill_shape::curved_(up_or_down)\n") // lies beside the folder in the archive
	for _, spec := range []string{
		datatest.Tree(t, datatest.CubFiles()), datatest.Tree(t, datatest.CubFiles()) + "/", datatest.Tree(t, packed),
		datatest.Archive(t, "CUB_200_2011.tgz", packed), datatest.Archive(t, "cub.tar", packed),
		datatest.Archive(t, "cub.zip", packed), datatest.Archive(t, "flat.tar.gz", datatest.CubFiles()),
	} {
		s := openAs(t, "cub:"+spec, Options{})
		short := func(split string) string {
			return strings.ReplaceAll(strings.ReplaceAll(describe(s.Split(split)), "CUB_200_2011/", ""), "images/", "")
		}
		const albatross = "001.Black_footed_Albatross/Black_Footed_Albatross_00"
		const pelican = "100.Brown_Pelican/Brown_Pelican_0124_94022.jpg=1"
		if got, want := short("train"), albatross+"09_34.jpg=0 "+albatross+"46_18.jpg=0 "+pelican; got != want {
			t.Errorf("%s, train:\n got %s\nwant %s", spec, got, want)
		}
		if got := short("test"); got != "101.White_Pelican/White_Pelican_0036_95762.jpg=0" {
			t.Errorf("%s, test: %s", spec, got)
		}
		if all := s.Split("all"); len(all.Items) != 4 || len(all.Classes) != 3 || all.Box(0) != (picture.Box{}) {
			t.Errorf("%s, all: %+v", spec, all)
		}
		if b, err := s.Split("test").ReadImage(0); err != nil || len(b) == 0 {
			t.Errorf("%s: %v", spec, err)
		}
	}
}

func TestCUBBoxes(t *testing.T) {
	dir := "cub:" + datatest.Tree(t, datatest.CubFiles())
	s := openAs(t, dir, Options{Boxes: "crop", Labels: "none"})
	if got, want := s.Split("train"), (picture.Box{X: 1, Y: 1, W: 2, H: 1}); got.Box(1) != want || got.Items[1].Label != -1 {
		t.Fatalf("%+v, %+v, want the box %v", got.Items[1], got.Boxes, want)
	}
}

func TestCUBRefuses(t *testing.T) {
	cases := []struct {
		file, content string // "-": the file is missing
		boxes         string
		says          []string
	}{
		{"images.txt", "-", "", []string{"images.txt", "CUB_200_2011/"}},
		{"images.txt", "", "", []string{"image_class_labels.txt, line 1:", "image id 1"}},
		{"images.txt", "1 a.jpg\nb\n", "", []string{"images.txt, line 2:", `"b"`}},
		{"images.txt", "1 001.Black_footed_Albatross/none.jpg\n", "", []string{"image_class_labels.txt, line 2:", "image id 2"}},
		{"images.txt", "1 a.jpg\n\n1 b.jpg\n", "", []string{"images.txt, line 3:", "image id 1", "line 1"}},
		{"images.txt", "1 ../../etc/passwd.jpg\n", "", []string{"images.txt, line 1:", "leads out"}},
		{"images.txt", "1 /etc/passwd.jpg\n", "", []string{"images.txt, line 1:", "is absolute"}},
		{
			"images.txt", string(datatest.CubFiles()["images.txt"]) + "7 100.Brown_Pelican/Brown_Pelican_0124_94022.jpg\n", "",
			[]string{"images.txt, line 5:", "no label", "image_class_labels.txt"},
		},
		{"image_class_labels.txt", "-", "", []string{"image_class_labels.txt cannot be read", "no such file"}},
		{"image_class_labels.txt", "1 1\n2 0\n", "", []string{"image_class_labels.txt, line 2:", `"0"`, "1 to 200"}},
		{"image_class_labels.txt", "1 201\n", "", []string{"image_class_labels.txt, line 1:", "1 to 200"}},
		{"image_class_labels.txt", "9 1\n", "", []string{"image_class_labels.txt, line 1:", "image id 9", "images.txt"}},
		{"image_class_labels.txt", "1 1\n1 2\n", "", []string{"image_class_labels.txt, line 2:", "already has a label"}},
		{"bounding_boxes.txt", "1 0 0 1 1\n", "crop", []string{"images.txt, line 2:", "no box"}},
		{"bounding_boxes.txt", "1 0 0 1 NaN\n", "crop", []string{"bounding_boxes.txt, line 1:", "NaN"}},
		{"bounding_boxes.txt", "1 0 0 0 1\n", "crop", []string{"bounding_boxes.txt, line 1:", "above 0"}},
		{"bounding_boxes.txt", "1 0 0 1 1\n1 0 0 1 1\n", "crop", []string{"bounding_boxes.txt, line 2:", "already"}},
		{
			"images/100.Brown_Pelican/Brown_Pelican_0124_94022.jpg",
			"-",
			"",
			[]string{"images.txt, line 3:", "Brown_Pelican_0124_94022.jpg", "no such file"},
		},
	}
	for _, c := range cases {
		files := maps.Clone(datatest.CubFiles())
		if files[c.file] = []byte(c.content); c.content == "-" {
			delete(files, c.file)
		}
		_, err := Open("cub:"+datatest.Tree(t, files), Options{Boxes: c.boxes})
		datatest.WantError(t, err, c.says...)
	}
}

func TestCUBListsAnImageOnce(t *testing.T) {
	files := datatest.CubFiles()
	files["images.txt"] = append(files["images.txt"], "9 101.White_Pelican/White_Pelican_0036_95762.jpg\n"...)
	files["image_class_labels.txt"] = append(files["image_class_labels.txt"], "9 7\n"...)
	_, err := Open("cub:"+datatest.Tree(t, files), Options{})
	datatest.WantError(t, err, "images.txt, line 5:", "White_Pelican_0036_95762.jpg", "already listed in images.txt, line 4")
}

// TestUnreadableFolder: a folder without permission to read, and one that not even root can read.
func TestUnreadableFolder(t *testing.T) {
	dir := datatest.Tree(t, datatest.CubFiles())
	images := filepath.Join(dir, "images")
	if os.Getuid() != 0 {
		if err := os.Chmod(images, 0); err != nil {
			t.Fatal(err)
		}
		_, err := Open("cub:"+dir, Options{})
		datatest.WantError(t, err, "images.txt, line 1:", "permission denied")
		if err := os.Chmod(images, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.RemoveAll(images); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("images", images); err != nil {
		t.Fatal(err)
	}
	_, err := Open("cub:"+dir, Options{})
	datatest.WantError(t, err, "images.txt, line 1:", "too many levels")
}
