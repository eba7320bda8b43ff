package data

import (
	"testing"

	"udml-gpu/engine/data/datatest"
)

// sopFiles is a small Stanford Online Products, with the first lines of its published lists.
func sopFiles() map[string][]byte {
	return map[string][]byte{
		"Ebay_train.txt": []byte("image_id class_id super_class_id path\n1 1 1 bicycle_final/111085122871_0.JPG\n" +
			"2 1 1 bicycle_final/111085122871_1.JPG\n59551 11318 12 toaster_final/391306165475_9.JPG\n"),
		"Ebay_test.txt": []byte(
			"image_id class_id super_class_id path\n59552 11319 1 bicycle_final/251952414262_0.JPG\n",
		),
		"bicycle_final/111085122871_0.JPG":      nil,
		"bicycle_final/111085122871_1.JPG":      nil,
		"bicycle_final/251952414262_0.JPG":      nil,
		"toaster_final/391306165475_9.JPG":      nil,
		"bicycle_final/not_in_the_lists_10.JPG": nil,
	}
}

func TestSOP(t *testing.T) {
	packed := below("Stanford_Online_Products", sopFiles())
	const root = "Stanford_Online_Products/"
	for spec, root := range map[string]string{
		datatest.Tree(t, sopFiles()): "", datatest.Tree(t, packed): root,
		datatest.Archive(t, "Stanford_Online_Products.zip", packed): root, datatest.Archive(t, "sop.tar", packed): root,
	} {
		s := openAs(t, "sop:"+spec, Options{})
		want := root + "bicycle_final/111085122871_0.JPG=0 " + root + "bicycle_final/111085122871_1.JPG=0 " +
			root + "toaster_final/391306165475_9.JPG=1"
		if got := describe(s.Split("train")); got != want {
			t.Errorf("%s, train:\n got %s\nwant %s", spec, got, want)
		}
		if got, want := describe(s.Split("test")), root+"bicycle_final/251952414262_0.JPG=0"; got != want {
			t.Errorf("%s, test: %s", spec, got)
		}
		if all := s.Split("all"); len(all.Items) != 4 || len(all.Classes) != 3 {
			t.Errorf("%s, all: %s", spec, describe(all))
		}
	}
}

func TestSOPRefuses(t *testing.T) {
	const header = "image_id class_id super_class_id path\n"
	cases := []struct {
		file, content string
		says          []string
	}{
		{"Ebay_test.txt", "-", []string{"Ebay_test.txt cannot be read"}},
		{"Ebay_train.txt", "-", []string{"holds no Ebay_train.txt", "Stanford_Online_Products/"}},
		{"Ebay_train.txt", "1 1 1 bicycle_final/111085122871_0.JPG\n", []string{"Ebay_train.txt, line 1:", "header"}},
		{"Ebay_train.txt", header + "1 1 bicycle_final/111085122871_0.JPG\n", []string{"Ebay_train.txt, line 2:", "columns"}},
		{
			"Ebay_train.txt",
			header + "1 11319 1 bicycle_final/111085122871_0.JPG\n",
			[]string{"Ebay_train.txt, line 2:", `"11319"`, "1 to 11318"},
		},
		{"Ebay_test.txt", header + "9 11318 1 bicycle_final/251952414262_0.JPG\n", []string{"Ebay_test.txt, line 2:", "11319 to 22634"}},
		{"Ebay_train.txt", header + "1 1 13 bicycle_final/111085122871_0.JPG\n", []string{"Ebay_train.txt, line 2:", `"13"`, "1 to 12"}},
		{
			"Ebay_test.txt",
			header + "2 11319 1 bicycle_final/251952414262_0.JPG\n",
			[]string{"Ebay_test.txt, line 2:", "image id 2", "second time"},
		},
		{
			"Ebay_test.txt",
			header + "9 11319 1 bicycle_final/111085122871_0.JPG\n",
			[]string{"Ebay_test.txt, line 2:", "already listed in Ebay_train.txt, line 2"},
		},
		{"Ebay_test.txt", header + "9 11319 1 bicycle_final/gone.JPG\n", []string{"Ebay_test.txt, line 2:", "gone.JPG", "no such file"}},
		{"Ebay_test.txt", header + "9 11319 1 ../bicycle_final/gone.JPG\n", []string{"Ebay_test.txt, line 2:", "leads out"}},
	}
	for _, c := range cases {
		files := sopFiles()
		if files[c.file] = []byte(c.content); c.content == "-" {
			delete(files, c.file)
		}
		_, err := Open("sop:"+datatest.Tree(t, files), Options{})
		datatest.WantError(t, err, c.says...)
	}
	_, err := Open("sop:"+datatest.Tree(t, sopFiles()), Options{Boxes: "crop"})
	datatest.WantError(t, err, "no boxes", "--boxes crop")
}
