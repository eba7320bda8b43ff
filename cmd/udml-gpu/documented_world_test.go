package main

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"udml-gpu/engine/data/datatest"
	"udml-gpu/engine/data/demo"
)

// prepared are commands that have been given before a document's own begin, where it speaks of their results.
var prepared = map[string][]string{
	"docs/commands/train.md": {"udml-gpu train --data photos/", "udml-gpu train --data photos/"},
	"docs/export.md": {
		"udml-gpu train --data photos/ --pretrained=dinov2-small --out runs/photos", "udml-gpu embed --data photos/ --out photos.udml",
	},
	"docs/files.md":    {"udml-gpu train --data photos/ --out runs/photos"},
	"docs/map.md":      {"udml-gpu embed --data photos/ --out photos.udml"},
	"docs/method.md":   {"udml-gpu export --backbone squeezenet --pretrained --layer pooled --to safetensors --out squeezenet1_0.pth"},
	"docs/recovery.md": {"udml-gpu train --data photos/ --epochs 1 --out runs/photos"},
	"docs/training.md": {"udml-gpu train --data photos/", "udml-gpu train --data photos/"},
}

// smallSettings make what is documented quick.
var smallSettings = []string{"UDML_SIZE=35", "UDML_STAGES=1", "UDML_DIM=16", "UDML_BATCH=16", "UDML_ADDR=127.0.0.1:0"}

// newWorld is a folder with what the documents speak of: photos (some dozen small pictures of testdata, and drawings), single pictures,
// small data sets by the names of the published ones, a folder of weights.
func newWorld(t *testing.T) string {
	files := map[string][]byte{}
	for name, b := range testPictures(t) {
		files["photos/"+name], files["more-photos/"+name], files["PHOTOS/"+name] = b, b, b
	}
	drawings := drawings(t)
	names := slices.Sorted(maps.Keys(drawings))
	for i, name := range names[:24] {
		files[fmt.Sprintf("photos/2024/%02d.png", i)] = drawings[name]
	}
	for i, name := range []string{"photos/some.jpg", "photos/other.jpg", "beach.jpg", "a.jpg", "b.jpg", "c.jpg"} {
		files[name] = drawings[names[30+i]]
	}
	dir := datatest.Tree(t, files)
	for _, name := range []string{"omniglot.zip", "grocery.zip"} {
		place(t, datatest.Archive(t, name, drawings), filepath.Join(dir, name))
	}
	cub, sop := publishedSets(drawings, names)
	place(t, datatest.Tree(t, cub), filepath.Join(dir, "CUB_200_2011"))
	place(t, datatest.Archive(t, "CUB_200_2011.tgz", cub), filepath.Join(dir, "CUB_200_2011.tgz"))
	place(t, datatest.Archive(t, "Stanford_Online_Products.zip", sop), filepath.Join(dir, "Stanford_Online_Products.zip"))
	hub, err := filepath.Abs("../../testdata/hub/dinov2")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(hub, filepath.Join(dir, "dinov2-small")); err != nil {
		t.Fatal(err)
	}
	for _, folder := range []string{".local/share/bash-completion/completions", ".zfunc", ".config/fish/completions", "bin", "tmp"} {
		if err := os.MkdirAll(filepath.Join(dir, folder), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func place(t *testing.T, from, to string) {
	if err := os.Rename(from, to); err != nil {
		t.Fatal(err)
	}
}

// testPictures are the pictures of testdata of kinds that are read everywhere, by name.
func testPictures(t *testing.T) map[string][]byte {
	found := map[string][]byte{}
	for _, kind := range []string{"jpg", "png", "gif", "bmp", "webp"} {
		list, err := filepath.Glob("../../testdata/images/*." + kind)
		if err != nil || len(list) == 0 {
			t.Fatalf("no pictures: %v", err)
		}
		for _, file := range list {
			b, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			found[filepath.Base(file)] = b
		}
	}
	return found
}

// drawings are 14 built-in images of each of five training and five test classes, by their names: train/CLASS/01.png.
func drawings(t *testing.T) map[string][]byte {
	b, err := demo.Zip()
	if err != nil {
		t.Fatal(err)
	}
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	found, classes := map[string][]byte{}, map[string]int{}
	for _, f := range z.File {
		split, _, _ := strings.Cut(f.Name, "/")
		if class := path.Dir(f.Name); found[class] == nil {
			found[class], classes[split] = []byte{}, classes[split]+1
		}
		if classes[split] > 5 || path.Base(f.Name) > "14.png" {
			continue
		}
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		if found[f.Name], err = io.ReadAll(r); err != nil {
			t.Fatal(err)
		}
	}
	maps.DeleteFunc(found, func(_ string, b []byte) bool { return len(b) == 0 })
	return found
}

// publishedSets are small data sets with the lists of CUB-200-2011 and Stanford Online Products, of two classes a split.
func publishedSets(drawings map[string][]byte, names []string) (cub, sop map[string][]byte) {
	cub, sop = map[string][]byte{}, map[string][]byte{}
	var images, labels, train, test strings.Builder
	const header = "image_id class_id super_class_id path\n"
	train.WriteString(header)
	test.WriteString(header)
	for i := range 40 {
		bird, list, product := 1+i/10, &train, 1+i/10
		if i >= 20 {
			bird, list, product = 99+i/10, &test, 11317+i/10
		}
		name := fmt.Sprintf("%03d.Bird/Bird_%04d.jpg", bird, i)
		fmt.Fprintf(&images, "%d %s\n", i+1, name)
		fmt.Fprintf(&labels, "%d %d\n", i+1, bird)
		cub["images/"+name] = drawings[names[2*i]]
		fmt.Fprintf(list, "%d %d 1 bicycle_final/%d.JPG\n", i+1, product, i)
		sop[fmt.Sprintf("bicycle_final/%d.JPG", i)] = drawings[names[2*i]]
	}
	cub["images.txt"], cub["image_class_labels.txt"] = []byte(images.String()), []byte(labels.String())
	sop["Ebay_train.txt"], sop["Ebay_test.txt"] = []byte(train.String()), []byte(test.String())
	return cub, sop
}
