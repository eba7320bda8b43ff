package data

import (
	"maps"
	"os"
	"path/filepath"
	"testing"

	"udml-gpu/engine/data/datatest"
)

// copiedCars is Cars196 with the folders of a much used copy.
func copiedCars() map[string][]byte {
	files := map[string][]byte{}
	for name, b := range devkitFiles() {
		switch dir, base := filepath.Split(name); dir {
		case "devkit/":
			files["car_devkit/devkit/"+base] = b
		case "":
			files["cars_test_annos_withlabels (1).mat"] = b
		default:
			files[dir+dir+base] = b
		}
	}
	return files
}

func TestCarsCopy(t *testing.T) {
	both := copiedCars()
	both["cars_annos.mat"] = carFiles()["cars_annos.mat"] // a list without its images
	for _, spec := range []string{datatest.Tree(t, copiedCars()), datatest.Tree(t, both), datatest.Archive(t, "archive.zip", both)} {
		s := openAs(t, "cars:"+spec, Options{})
		if got := describe(s.Split("train")); got != "cars_test/cars_test/00002.jpg=0 cars_train/cars_train/00001.jpg=0" {
			t.Errorf("%s, train: %s", spec, got)
		}
		if got := describe(s.Split("test")); got != "cars_test/cars_test/00001.jpg=0 cars_train/cars_train/00002.jpg=1" {
			t.Errorf("%s, test: %s", spec, got)
		}
	}
	delete(both, "car_devkit/devkit/cars_train_annos.mat")
	_, err := Open("cars:"+datatest.Tree(t, both), Options{})
	datatest.WantError(t, err, "cars_annos.mat, annotation 1:", "car_ims/000001.jpg", "no such file")
	lacking := copiedCars()
	delete(lacking, "cars_train/cars_train/00002.jpg")
	_, err = Open("cars:"+datatest.Tree(t, lacking), Options{})
	datatest.WantError(t, err, "cars_train_annos.mat, annotation 2:", "cars_train/cars_train/00002.jpg", "no such file")
	delete(lacking, "cars_train/cars_train/00001.jpg")
	_, err = Open("cars:"+datatest.Tree(t, lacking), Options{})
	datatest.WantError(t, err, "cars_train_annos.mat, annotation 1:", `"cars_train/00001.jpg"`, "no such file")
}

// TestCarsPacked: the published archives side by side, none unpacked.
func TestCarsPacked(t *testing.T) {
	pack := func(files map[string][]byte, folder string) []byte {
		inside := maps.Clone(files)
		maps.DeleteFunc(inside, func(name string, _ []byte) bool { return filepath.Dir(name) != folder })
		b, err := os.ReadFile(datatest.Archive(t, folder+".tgz", inside))
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	one, kit := carFiles(), devkitFiles()
	for want, files := range map[string]map[string][]byte{
		"car_ims/000001.jpg=0 car_ims/000002.jpg=1": {"cars_annos.mat": one["cars_annos.mat"], "car_ims.tgz": pack(one, "car_ims")},
		"cars_test/00002.jpg=0 cars_train/00001.jpg=0": {
			"cars_test_annos_withlabels.mat": kit["cars_test_annos_withlabels.mat"],
			"car_devkit.tgz":                 pack(kit, "devkit"), "cars_train.tgz": pack(kit, "cars_train"),
			"cars_test.tgz": pack(kit, "cars_test"),
		},
	} {
		s := openAs(t, "cars:"+datatest.Tree(t, files), Options{})
		if got := describe(s.Split("train")); got != want {
			t.Errorf("train: %s, want %s", got, want)
		}
		if b, err := s.Split("all").ReadImage(1); err != nil || len(b) == 0 {
			t.Error(err)
		}
	}
	_, err := Open(
		"cars:"+datatest.Tree(t, map[string][]byte{"cars_annos.mat": one["cars_annos.mat"], "car_ims.tgz": []byte("\x1f\x8bcut")}),
		Options{},
	)
	datatest.WantError(t, err, "car_ims.tgz is not a gzip'd tar")
}
