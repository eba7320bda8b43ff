package data

import (
	"bytes"
	"maps"
	"slices"
	"strings"
	"testing"

	"udml-gpu/engine/data/datatest"
	"udml-gpu/engine/data/matfile/mattest"
	"udml-gpu/engine/data/picture"
)

const (
	carsAllFields    = "relative_im_path bbox_x1 bbox_y1 bbox_x2 bbox_y2 class test"
	carsDevkitFields = "bbox_x1 bbox_y1 bbox_x2 bbox_y2 class fname"
)

// matFile is a MAT file of the elements, compressed.
func matFile(elements ...[]byte) []byte {
	b := mattest.Header()
	for _, e := range elements {
		b = append(b, mattest.Compressed(e)...)
	}
	return b
}

// carRow is an annotation of cars_annos.mat, or, without a last number, one of the devkit.
func carRow(path string, numbers ...float64) []mattest.Value {
	var row []mattest.Value
	for _, v := range numbers {
		row = append(row, mattest.Number(v))
	}
	if len(numbers) == 5 {
		return append(row, mattest.Text(path))
	}
	return append([]mattest.Value{mattest.Text(path)}, row...)
}

// carNames are the names of n classes.
func carNames(n int) []byte {
	return mattest.Cells(slices.Repeat([]mattest.Value{mattest.Text("AM General Hummer SUV 2000")}, n)...)("class_names")
}

// carList is a list of all images with the given rows.
func carList(rows ...[]mattest.Value) []byte {
	return matFile(mattest.Structs(carsAllFields, rows...)("annotations"), carNames(196))
}

// carFiles is a small Cars196 with one list. The first row is that of the published list.
func carFiles() map[string][]byte {
	return map[string][]byte{
		"cars_annos.mat": carList(carRow("car_ims/000001.jpg", 112, 7, 853, 717, 1, 0), carRow("car_ims/000002.jpg", 1, 1, 2, 3, 98, 1),
			carRow("car_ims/008000.jpg", 3, 2, 300, 3, 99, 0), carRow("car_ims/016185.jpg", 1, 1, 1, 1, 196, 1)),
		"car_ims/000001.jpg": nil, "car_ims/000002.jpg": nil, "car_ims/008000.jpg": nil, "car_ims/016185.jpg": nil,
		"car_ims/999999.jpg": nil,
	}
}

// devkitFiles is a small Cars196 with the lists of the devkit, whose two folders use the same names.
func devkitFiles() map[string][]byte {
	return map[string][]byte{
		"devkit/cars_train_annos.mat": matFile(mattest.Structs(carsDevkitFields, carRow("00001.jpg", 39, 116, 569, 375, 14),
			carRow("00002.jpg", 1, 1, 3, 2, 196))("annotations")),
		"cars_test_annos_withlabels.mat": append(
			mattest.Header(),
			mattest.Structs(carsDevkitFields, carRow("00001.jpg", 30, 52, 246, 147, 181),
				carRow("00002.jpg", 2, 2, 3, 3, 14))("annotations")...),
		"devkit/cars_meta.mat": matFile(carNames(196)),
		"cars_train/00001.jpg": nil, "cars_train/00002.jpg": nil, "cars_test/00001.jpg": nil, "cars_test/00002.jpg": nil,
	}
}

func TestCars(t *testing.T) {
	packed := below("stanford_cars", carFiles())
	for _, spec := range []string{
		datatest.Tree(t, carFiles()), datatest.Tree(t, packed), datatest.Archive(t, "cars.tgz", packed),
		datatest.Archive(t, "cars.zip", carFiles()),
	} {
		s := openAs(t, "cars:"+spec, Options{})
		short := func(split string) string {
			return strings.ReplaceAll(strings.ReplaceAll(describe(s.Split(split)), "stanford_cars/", ""), "car_ims/", "")
		}
		if got := short("train"); got != "000001.jpg=0 000002.jpg=1" {
			t.Errorf("%s, train: %s", spec, got)
		}
		if got := short("test"); got != "008000.jpg=0 016185.jpg=1" {
			t.Errorf("%s, test: %s", spec, got)
		}
		all := s.Split("all")
		if strings.Join(all.Classes, " ") != "001 098 099 196" || all.Box(0) != (picture.Box{}) {
			t.Errorf("%s: %+v, classes %q", spec, all.Items, all.Classes)
		}
		if b, err := all.ReadImage(3); err != nil || len(b) == 0 {
			t.Errorf("%s: %v", spec, err)
		}
	}
}

func TestCarsDevkit(t *testing.T) {
	flat := maps.Clone(devkitFiles())
	flat["devkit/cars_test_annos_withlabels.mat"] = flat["cars_test_annos_withlabels.mat"]
	delete(flat, "cars_test_annos_withlabels.mat")
	delete(flat, "devkit/cars_meta.mat")
	for _, spec := range []string{datatest.Tree(t, devkitFiles()), datatest.Tree(t, flat), datatest.Archive(t, "cars.tar", devkitFiles())} {
		s := openAs(t, "cars:"+spec, Options{Boxes: "crop"})
		if got := describe(s.Split("train")); got != "cars_test/00002.jpg=0 cars_train/00001.jpg=0" {
			t.Errorf("%s, train: %s", spec, got)
		}
		if got := describe(s.Split("test")); got != "cars_test/00001.jpg=0 cars_train/00002.jpg=1" {
			t.Errorf("%s, test: %s", spec, got)
		}
		if got, want := s.Split("all").Box(2), (picture.Box{X: 38, Y: 115, W: 531, H: 260}); got != want {
			t.Errorf("%s: the box %v, want %v", spec, got, want)
		}
	}
}

// TestCarsBoxes: corners are pixels inside the box, counted from 1.
func TestCarsBoxes(t *testing.T) {
	s := openAs(t, "cars:"+datatest.Tree(t, carFiles()), Options{Boxes: "crop", Labels: "none"})
	for i, want := range []picture.Box{
		{X: 111, Y: 6, W: 742, H: 711},
		{X: 0, Y: 0, W: 2, H: 3},
		{X: 2, Y: 1, W: 298, H: 2},
		{X: 0, Y: 0, W: 1, H: 1},
	} {
		if got := s.Split("all"); got.Box(i) != want || got.Items[i].Label != -1 {
			t.Errorf("%+v, want the box %v", got, want)
		}
	}
}

func TestCarsRefuses(t *testing.T) {
	one := func(path string, numbers ...float64) []byte { return carList(carRow(path, numbers...)) }
	good := carRow("car_ims/000001.jpg", 1, 1, 2, 2, 1, 0)
	for _, c := range []struct {
		content []byte
		says    []string
	}{
		{nil, []string{"cars_annos.mat", "cars_train_annos.mat", "stanford_cars/"}},
		{carFiles()["cars_annos.mat"][:300], []string{"cars_annos.mat, byte 128:", "cut off"}},
		{matFile(carNames(196)), []string{"cars_annos.mat has no variable annotations"}},
		{matFile(carNames(195), mattest.Structs(carsAllFields, good)("annotations")), []string{"cars_annos.mat: class_names", "196"}},
		{matFile(mattest.Number(1)("annotations")), []string{"annotations is not a struct array"}},
		{matFile(mattest.Structs(carsAllFields)("annotations")), []string{"lists no images"}},
		{
			matFile(mattest.Structs(carsDevkitFields, carRow("000001.jpg", 1, 1, 2, 2, 1))("annotations")),
			[]string{"annotation 1:", "relative_im_path"},
		},
		{one("car_ims/000001.jpg", 1, 1, 2, 2, 197, 0), []string{"cars_annos.mat, annotation 1:", "class 197", "1 to 196"}},
		{one("car_ims/000001.jpg", 1, 1, 2, 2, 0, 0), []string{"class 0 is out of range"}},
		{one("car_ims/000001.jpg", 1, 1, 2, 2, 1.5, 0), []string{"class 1.5 is out of range"}},
		{one("car_ims/000001.jpg", 1, 1, 2, 2, 1, 2), []string{"the field test"}},
		{one("car_ims/000001.jpg", 5, 1, 4, 2, 1, 0), []string{"annotation 1: the box", "above 0"}},
		{one(strings.Repeat("x", 5000), 1, 1, 2, 2, 1, 0), []string{"annotation 1:", "5000 bytes", "4096"}},
		{one("../000001.jpg", 1, 1, 2, 2, 1, 0), []string{"annotation 1:", "leads out"}},
		{one("car_ims/000003.jpg", 1, 1, 2, 2, 1, 0), []string{"annotation 1:", "000003.jpg", "no such file"}},
		{
			carList(good, carRow("car_ims/000002.jpg", 1, 1, 2, 2, 1, 0), good),
			[]string{"cars_annos.mat, annotation 3:", "already listed in cars_annos.mat, annotation 1"},
		},
	} {
		files := carFiles()
		if files["cars_annos.mat"] = c.content; c.content == nil {
			delete(files, "cars_annos.mat")
		}
		_, err := Open("cars:"+datatest.Tree(t, files), Options{Boxes: "crop"})
		datatest.WantError(t, err, c.says...)
	}
}

func TestCarsDevkitRefuses(t *testing.T) {
	for file, c := range map[string]struct {
		content []byte
		says    string
	}{
		"cars_test_annos_withlabels.mat": {nil, "holds no cars_test_annos_withlabels.mat"},
		"devkit/cars_meta.mat":           {matFile(mattest.Number(1)("x")), "cars_meta.mat has no variable class_names"},
		"devkit/cars_train_annos.mat": {
			devkitFiles()["devkit/cars_train_annos.mat"][:100],
			"cars_train_annos.mat, the file ends at byte 100",
		},
	} {
		files := devkitFiles()
		if files[file] = c.content; c.content == nil {
			delete(files, file)
		}
		_, err := Open("cars:"+datatest.Tree(t, files), Options{})
		datatest.WantError(t, err, c.says)
	}
}

// FuzzCars: any bytes in place of the elements of the list give valid images or an error.
func FuzzCars(f *testing.F) {
	list := mattest.Structs(carsAllFields, carRow("car_ims/000001.jpg", 1, 1, 2, 2, 1, 0))("annotations")
	f.Add(list)
	f.Add(bytes.ReplaceAll(list, []byte("c\x00a\x00r"), []byte(".\x00.\x00/")))
	f.Fuzz(func(t *testing.T, elements []byte) {
		wantSound(t, "cars", pretended{"cars_annos.mat": append(mattest.Header(), elements...)})
	})
}
