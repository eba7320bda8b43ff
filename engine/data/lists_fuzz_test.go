package data

import (
	"io/fs"
	"path/filepath"
	"testing"

	"udml-gpu/engine/data/archive"
	"udml-gpu/engine/data/datatest"
	"udml-gpu/engine/data/picture"
)

// pretended is an opener of lists for which all listed images exist, so that fuzzing gets past them.
type pretended map[string][]byte

func (p pretended) List() (l archive.Listing, err error) {
	for name := range p {
		l.Add(name)
	}
	return l, nil
}

func (p pretended) Check(name string) error {
	if _, ok := p[name]; !ok && !picture.IsName(name) {
		return fs.ErrNotExist
	}
	return nil
}

func (p pretended) Read(name string) ([]byte, error) { return p[name], nil }
func (p pretended) Stamp(name string) (archive.Stamp, error) {
	return archive.Stamp{Size: int64(len(p[name]))}, nil
}
func (p pretended) Origin() []archive.Stamp { return nil }
func (p pretended) Close() error            { return nil }

// wantSound checks the result of parsing lists: an error for the user, or images inside the data set, each once, in byte
// order, with valid labels and boxes.
func wantSound(t *testing.T, format string, files pretended) {
	t.Helper()
	for _, f := range schemes() {
		if f.name != format {
			continue
		}
		s, err := openLists("fuzz", f, lists{files: files, place: "fuzz"}, Options{Boxes: "auto"})
		if err != nil {
			datatest.WantFault(t, err)
			return
		}
		for _, set := range append(s.splits, s.all) {
			for i, item := range set.Items {
				if !filepath.IsLocal(item.Name) || int(item.Label) >= len(set.Classes) || i > 0 && set.Items[i-1].Name >= item.Name {
					t.Fatalf("item %d of %s: %+v", i, set.Name, item)
				}
				if item.Role != NoRole && set.Name != "test" {
					t.Fatalf("item %d of %s has the role %v", i, set.Name, item.Role)
				}
				if box := set.Box(i); box != (picture.Box{}) && box.Check() != nil {
					t.Fatalf("item %d of %s: %+v", i, set.Name, item)
				}
			}
		}
		return
	}
	t.Fatalf("no format %q", format)
}

// FuzzCSV: any bytes give a list of valid images or an error.
func FuzzCSV(f *testing.F) {
	f.Add([]byte(csvList))
	f.Add([]byte("path,label,split,x,y,w,h\n\"a\n.png\",\"\"\"\",val,1e9,NaN,Inf,-0\n"))
	f.Fuzz(func(t *testing.T, b []byte) { wantSound(t, "csv", pretended{"list.csv": b}) })
}

// FuzzJSONL: the same for JSON lines.
func FuzzJSONL(f *testing.F) {
	f.Add([]byte(jsonlList))
	f.Add([]byte(`{"PATH":"a.png","label":1e400,"x":1,"y":"2","w":3,"h":4}`))
	f.Fuzz(func(t *testing.T, b []byte) { wantSound(t, "jsonl", pretended{"in/list.jsonl": b}) })
}

// FuzzCUB: the same for the three lists of CUB-200-2011.
func FuzzCUB(f *testing.F) {
	files := datatest.CubFiles()
	f.Add(files["images.txt"], files["image_class_labels.txt"], files["bounding_boxes.txt"])
	f.Add([]byte("1 a b.jpg\n"), []byte("1 200\n"), []byte("1 0 0 1e3 nan\n"))
	f.Fuzz(func(t *testing.T, images, classes, boxes []byte) {
		p := pretended{"images.txt": images, "image_class_labels.txt": classes, "bounding_boxes.txt": boxes}
		wantSound(t, "cub", p)
		if s, err := openLists("fuzz", scheme{read: readCUB}, lists{files: p, place: "fuzz"}, Options{Boxes: "crop"}); err == nil {
			for i, item := range s.all.Items {
				if s.all.Box(i).Check() != nil {
					t.Fatalf("%+v", item)
				}
			}
		}
	})
}

// FuzzInshop: the same for the two lists of In-Shop.
func FuzzInshop(f *testing.F) {
	files := datatest.InshopFiles()
	f.Add(files["Eval/list_eval_partition.txt"], files["Anno/list_bbox_inshop.txt"])
	f.Add([]byte("1\n"+inshopHeader+"\nimg//a.jpg\tid_10000000 query"), []byte("1\n"+inshopBoxHeader+"\nimg/a.jpg 1 6 -0 1e-9 2 3"))
	f.Fuzz(func(t *testing.T, list, boxes []byte) {
		p := pretended{"list_eval_partition.txt": list, "list_bbox_inshop.txt": boxes}
		wantSound(t, "inshop", p)
		s, err := openLists("fuzz", scheme{read: readInshop}, lists{files: p, place: "fuzz"}, Options{Boxes: "crop"})
		if err != nil {
			datatest.WantFault(t, err)
			return
		}
		for i, item := range s.all.Items {
			if s.all.Box(i).Check() != nil || item.Role != NoRole {
				t.Fatalf("%+v", item)
			}
		}
	})
}

// FuzzSOP: the same for the two lists of Stanford Online Products.
func FuzzSOP(f *testing.F) {
	files := sopFiles()
	f.Add(files["Ebay_train.txt"], files["Ebay_test.txt"])
	f.Add([]byte(sopHeader), []byte(sopHeader+"\n1 11319 12 a  b.JPG"))
	f.Fuzz(func(t *testing.T, train, test []byte) {
		wantSound(t, "sop", pretended{"Ebay_train.txt": train, "Ebay_test.txt": test})
	})
}
