package data

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"udml-gpu/engine/data/datatest"
	"udml-gpu/engine/data/picture"
)

// inshopPacked is the data set as published, with the images in a zip.
func inshopPacked(t testing.TB, zip string) map[string][]byte {
	files, images := datatest.InshopFiles(), map[string][]byte{}
	for _, p := range datatest.InshopPaths {
		images["img/"+p] = nil
	}
	b, err := os.ReadFile(datatest.Archive(t, "img.zip", images))
	if err != nil {
		t.Fatal(err)
	}
	files[zip] = b
	return files
}

func TestInshop(t *testing.T) {
	flat := datatest.InshopIn("img/")
	flat["list_eval_partition.txt"] = flat["Eval/list_eval_partition.txt"]
	delete(flat, "Eval/list_eval_partition.txt")
	whole := below(inshopFolder, datatest.InshopIn("Img/img/"))
	for spec, root := range map[string]string{
		datatest.Tree(t, flat): "img/", datatest.Tree(t, datatest.InshopIn("Img/img/")): "Img/img/",
		datatest.Tree(t, datatest.InshopIn("img_highres/")):     "img_highres/",
		datatest.Tree(t, datatest.InshopIn("Img/img_highres/")): "Img/img_highres/",
		datatest.Tree(t, whole):                                 inshopFolder + "/Img/img/",
		datatest.Archive(t, "in_shop.zip", whole):               inshopFolder + "/Img/img/",
		datatest.Archive(t, "in_shop.tgz", flat):                "img/",
		datatest.Tree(t, inshopPacked(t, "Img/img.zip")):        "Img/img/", datatest.Tree(t, inshopPacked(t, "img.zip")): "img/",
		datatest.Tree(t, below(inshopFolder, inshopPacked(t, "Img/img.zip"))): inshopFolder + "/Img/img/",
	} {
		s := openAs(t, "inshop:"+spec, Options{})
		for split, want := range map[string]string{
			"train":   "WOMEN/Dresses/id_00000002/02_1_front.jpg=0 WOMEN/Dresses/id_00000002/02_2_side.jpg=0",
			"query":   "MEN/Denim/id_00000080/01_7_additional.jpg=1 WOMEN/Blouses_Shirts/id_00000001/02_2_side.jpg=0",
			"gallery": "MEN/Denim/id_00000080/01_1_front.jpg=1 WOMEN/Blouses_Shirts/id_00000001/02_1_front.jpg=0",
			"test": "MEN/Denim/id_00000080/01_1_front.jpg=1 MEN/Denim/id_00000080/01_7_additional.jpg=1 " +
				"WOMEN/Blouses_Shirts/id_00000001/02_1_front.jpg=0 WOMEN/Blouses_Shirts/id_00000001/02_2_side.jpg=0",
		} {
			if got := strings.ReplaceAll(describe(s.Split(split)), root, ""); got != want {
				t.Errorf("%s, %s:\n got %s\nwant %s", spec, split, got, want)
			}
		}
		if got := strings.Join(s.Splits(), " "); got != "train test query gallery" || len(s.Split("all").Items) != 6 {
			t.Errorf("%s: splits %s, %d images", spec, got, len(s.Split("all").Items))
		}
		if b, err := s.Split("test").ReadImage(3); err != nil || len(b) == 0 {
			t.Errorf("%s: %v", spec, err)
		}
	}
}

func TestInshopBoxes(t *testing.T) {
	for _, spec := range []string{
		datatest.Tree(t, datatest.InshopIn("img/")), datatest.Tree(t, datatest.InshopIn("Img/img/")),
		datatest.Tree(t, inshopPacked(t, "Img/img.zip")),
	} {
		all := openAs(t, "inshop:"+spec, Options{Boxes: "crop"}).Split("all")
		if all.Box(2) != (picture.Box{X: 1, Y: 0, W: 2, H: 2}) || all.Box(4) != (picture.Box{X: 50, Y: 49, W: 158, H: 186}) {
			t.Errorf("%s: boxes %v and %v", spec, all.Box(2), all.Box(4))
		}
	}
	_, err := Open("inshop:"+datatest.Tree(t, datatest.InshopIn("img_highres/")), Options{Boxes: "crop"})
	datatest.WantError(t, err, "list_bbox_inshop.txt is for the images of img/", "img_highres holds larger ones", "--boxes crop")
}

func TestInshopRefuses(t *testing.T) {
	const list, boxes = "Eval/list_eval_partition.txt", "Anno/list_bbox_inshop.txt"
	const heading, boxHeading = "1\nimage_name item_id evaluation_status\n", "1\nimage_name clothes_type pose_type x_1 y_1 x_2 y_2\n"
	const first = "img/WOMEN/Dresses/id_00000002/02_1_front.jpg"
	for _, c := range []struct {
		file, content string
		says          []string
	}{
		{list, "-", []string{"holds no list_eval_partition.txt", "Eval/", "In-shop Clothes Retrieval Benchmark/Eval/"}},
		{list, "", []string{"list_eval_partition.txt ends before its second line"}},
		{list, strings.Repeat("7", 1<<17), []string{"list_eval_partition.txt, line 1:", "131072 bytes"}},
		{list, "many\n", []string{"list_eval_partition.txt, line 1:", `"many"`, "number of images"}},
		{list, "-3\n", []string{"line 1:", `"-3"`}},
		{list, "1\nimage_name item_id\n", []string{"line 2:", "header", "evaluation_status"}},
		{list, heading, []string{"line 1:", "is 1, but 0 follow"}},
		{list, heading + first + " id_00000002 train\n" + first + "x id_00000002 train\n", []string{"line 1:", "is 1, but 2 follow"}},
		{list, heading + first + " id_00000002\n", []string{"line 3:", "columns"}},
		{list, heading + first + " id_00000000 train\n", []string{"line 3:", `"id_00000000" is out of range`}},
		{list, heading + first + " id_0000002 train\n", []string{"line 3:", `"id_0000002"`}},
		{list, heading + first + " 00000002 train\n", []string{"line 3:", `"00000002"`}},
		{list, heading + first + " id_0000000x train\n", []string{"line 3:", `"id_0000000x"`}},
		{list, heading + first + " id_00000002 val\n", []string{"line 3:", `status "val"`, "train, query or gallery"}},
		{list, heading + "img/../../x.jpg id_00000002 train\n", []string{"line 3:", "leads out"}},
		{list, heading + "/img/x.jpg id_00000002 train\n", []string{"line 3:", "absolute"}},
		{list, heading + "images/x.jpg id_00000002 train\n", []string{"line 3:", "does not start with img/"}},
		{list, heading + "img/gone.jpg id_00000002 train\n", []string{"line 3:", "img/gone.jpg", "no such file"}},
		{
			list, "2" + heading[1:] + first + " id_00000002 train\n./" + first + " id_00000003 query\n",
			[]string{"line 4:", "already listed in line 3"},
		},
		{
			list, "2" + heading[1:] + first + " id_00000002 train\n" + first + "2 id_00000002 query\n",
			[]string{"line 4:", "id_00000002 is for test here but for train in line 3"},
		},
		{boxes, "-", []string{"holds no list_bbox_inshop.txt", "--boxes crop", "Anno/"}},
		{boxes, boxHeading + first + " 3 1 050 049 208 235\n", []string{"eval_partition.txt, line 4:", "no box in list_bbox_inshop.txt"}},
		{
			boxes, boxHeading + "img/x.jpg 3 1 050 049 208 235\n",
			[]string{"list_bbox_inshop.txt, line 3:", "img/x.jpg", "list_eval_partition.txt does not list"},
		},
		{boxes, boxHeading + first + " 4 1 050 049 208 235\n", []string{"line 3:", `clothes "4"`, "1 to 3"}},
		{boxes, boxHeading + first + " 3 0 050 049 208 235\n", []string{"line 3:", `pose "0"`, "1 to 6"}},
		{boxes, boxHeading + first + " 3 1 050 049 050 235\n", []string{"line 3:", "w=0"}},
		{boxes, boxHeading + first + " 3 1 050 NaN 208 235\n", []string{"line 3:", "NaN"}},
		{boxes, boxHeading + first + " 3 1 050 y 208 235\n", []string{"line 3:", `"y"`}},
		{boxes, "2" + boxHeading[1:] + strings.Repeat(first+" 3 1 050 049 208 235\n", 2), []string{"line 4:", "already has a box"}},
	} {
		files := maps.Clone(datatest.InshopIn("img/"))
		if files[c.file] = []byte(c.content); c.content == "-" {
			delete(files, c.file)
		}
		o := Options{}
		if c.file == boxes {
			o.Boxes = "crop"
		}
		_, err := Open("inshop:"+datatest.Tree(t, files), o)
		datatest.WantError(t, err, c.says...)
	}
}

// TestStampsOfPackedFolders: an archive inside a folder counts as if it were unpacked, and its stamp changes with its file time.
func TestStampsOfPackedFolders(t *testing.T) {
	dir := datatest.Tree(t, inshopPacked(t, "Img/img.zip"))
	open := func() *Set { return openAs(t, "inshop:"+dir, Options{}).Split("test") }
	set := open()
	for i, at := range set.Stamps() {
		if at.Size <= 0 || at.Mark == 0 {
			t.Errorf("%s: %+v", set.Items[i].Name, at)
		}
	}
	if err := os.Chtimes(filepath.Join(dir, "Img", "img.zip"), time.Time{}, time.Unix(7, 0)); err != nil {
		t.Fatal(err)
	}
	if slices.Equal(open().Origin(), set.Origin()) {
		t.Error("the touched archive has the same stamp")
	}
}
