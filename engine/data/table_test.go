package data

import (
	"path/filepath"
	"strings"
	"testing"

	"udml-gpu/engine/data/datatest"
	"udml-gpu/engine/data/picture"
)

const csvList = "\ufeffpath,label,split,x,y,w,h\r\n" +
	"photos/a.png,cat,train,0,0,2,2\r\n" +
	"photos/b.png,\"dog, old\",test,,,,\r\n" +
	"./c.jpg,,,,,,\r\n"

const jsonlList = `{"path": "photos/a.png", "label": "cat", "split": "train", "x": 0, "y": 0, "w": 2, "h": 2}

{"path": "photos/b.png", "label": "dog, old", "split": "test"}
{"path": "./c.jpg", "label": null}
`

// tableFiles is a list with the images of the two lists above, and one unlisted.
func tableFiles(list, content string) map[string][]byte {
	return map[string][]byte{list: []byte(content), "photos/a.png": nil, "photos/b.png": nil, "c.jpg": nil, "photos/unlisted.png": nil}
}

func TestTables(t *testing.T) {
	csvs, jsonls := tableFiles("list.csv", csvList), tableFiles("list.jsonl", jsonlList)
	for spec, root := range map[string]string{
		"csv:" + filepath.Join(datatest.Tree(t, csvs), "list.csv"):       "",
		"jsonl:" + filepath.Join(datatest.Tree(t, jsonls), "list.jsonl"): "",
		"csv:" + datatest.Archive(t, "a.zip", csvs):                      "",
		"jsonl:" + datatest.Archive(t, "b.tgz", below("in", jsonls)):     "in/",
	} {
		s := openAs(t, spec, Options{})
		for split, want := range map[string]string{
			"train": root + "photos/a.png=0", "test": root + "photos/b.png=0", "val": "nil",
			"all": root + "c.jpg=-1 " + root + "photos/a.png=0 " + root + "photos/b.png=1",
		} {
			if got := describe(s.Split(split)); got != want {
				t.Errorf("%s, %s:\n got %s\nwant %s", spec, split, got, want)
			}
		}
		all := s.Split("all")
		if all.Box(1) != (picture.Box{X: 0, Y: 0, W: 2, H: 2}) || all.Box(0) != (picture.Box{}) ||
			all.Box(2) != (picture.Box{}) ||
			all.Classes[1] != "dog, old" {
			t.Errorf("%s: %+v, classes %q", spec, all.Items, all.Classes)
		}
		if b, err := all.ReadImage(2); err != nil || len(b) == 0 {
			t.Errorf("%s: %v", spec, err)
		}
		if whole := openAs(t, spec, Options{Boxes: "ignore"}).Split("train"); whole.Box(0) != (picture.Box{}) {
			t.Errorf("%s, boxes ignored: %+v", spec, whole.Items[0])
		}
	}
}

func TestNumbersAreLabels(t *testing.T) {
	files := tableFiles("list.jsonl", `{"path": "photos/a.png", "label": 7, "split": "val"}`)
	s := openAs(t, "jsonl:"+filepath.Join(datatest.Tree(t, files), "list.jsonl"), Options{})
	if val := s.Split("val"); describe(val) != "photos/a.png=0" || val.Classes[0] != "7" {
		t.Fatalf("%s, classes %q", describe(val), val.Classes)
	}
}

func TestTablesRefuse(t *testing.T) {
	cases := []struct {
		format, content string
		says            []string
	}{
		{"csv", "", []string{"line 1:", "empty"}},
		{"csv", "path\n", []string{"lists no images"}},
		{"csv", "path\n" + strings.Repeat("x", 1<<17) + "\n", []string{"line 2:", "131073 bytes", "65536"}},
		{"csv", "path\n\"" + strings.Repeat("x\n", 1<<17) + "\"\n", []string{"line 2:", "a field has 262144 bytes", "65536"}},
		{"csv", "\"" + strings.Repeat("x\n", 1<<17) + "\"\n", []string{"line 1:", "a field has 262144 bytes"}},
		{"jsonl", "\n" + strings.Repeat("[", 1<<17), []string{"line 2:", "131072 bytes"}},
		{"csv", "label\ncat\n", []string{"line 1:", "the column path is missing"}},
		{"csv", "path,lable\nc.jpg,cat\n", []string{"line 1:", `"lable"`, "label"}},
		{"csv", "path,path\nc.jpg,c.jpg\n", []string{"line 1:", "twice"}},
		{"csv", "path,x,y\nc.jpg,1,2\n", []string{"line 1:", "four columns"}},
		{"csv", "path,label\nc.jpg\n", []string{"line 2:", "number of fields"}},
		{"csv", "path\n\"c.jpg\n", []string{"line", "quote"}},
		{"csv", "path,split\nc.jpg,valid\n", []string{"line 2:", `"valid"`, "train, test, val"}},
		{"csv", "path,label\n\"photos/\na.png\",x\ngone.png,y\n", []string{"line 2:"}},
		{"csv", "path\n\n\ngone.png\n", []string{"line 4:", "gone.png", "no such file"}},
		{"csv", "path\nphotos\n", []string{"line 2:", "not a regular file"}},
		{"csv", "path\n../c.jpg\n", []string{"line 2:", "leads out"}},
		{"csv", "path\n/etc/passwd\n", []string{"line 2:", "absolute"}},
		{"csv", "path\nphotos\\a.png\n", []string{"line 2:", "backslash"}},
		{"csv", "path,x,y,w,h\nc.jpg,1,2,3,four\n", []string{"line 2:", `"four"`}},
		{"csv", "path,x,y,w,h\nc.jpg,1,2,3,\n", []string{"line 2:", `""`}},
		{"csv", "path,x,y,w,h\nc.jpg,1,2,-3,4\n", []string{"line 2:", "w=-3"}},
		{"csv", "path,x,y,w,h\nc.jpg,1e300,2,3,4\n", []string{"line 2:", "x=1e+300"}},
		{"csv", "path,label\nc.jpg,a\n./c.jpg,b\n", []string{"line 3:", "c.jpg", "already listed in list.csv, line 2"}},
		{"jsonl", "", []string{"lists no images"}},
		{"jsonl", "{\"path\": \"c.jpg\"}\n{\"path\": \n", []string{"line 2:", "JSON"}},
		{"jsonl", "[1]\n", []string{"line 1:", "JSON"}},
		{"jsonl", `{"path": "c.jpg", "lable": 1}`, []string{"line 1:", "lable"}},
		{"jsonl", `{"path": "c.jpg"} {}`, []string{"line 1:", "text after the JSON object"}},
		{"jsonl", `{"path": "c.jpg", "label": [1]}`, []string{"line 1:", "[1]", "neither"}},
		{"jsonl", `{"label": "cat"}`, []string{"line 1:", "path is empty"}},
		{"jsonl", `{"path": "c.jpg", "x": 1}`, []string{"line 1:", `""`}},
	}
	for _, c := range cases {
		list := "list." + c.format
		_, err := Open(c.format+":"+filepath.Join(datatest.Tree(t, tableFiles(list, c.content)), list), Options{})
		datatest.WantError(t, err, append(c.says, list)...)
	}
	_, err := Open("csv:"+filepath.Join(t.TempDir(), "none.csv"), Options{})
	datatest.WantError(t, err, "none.csv", "no such file")
	_, err = Open("csv:"+datatest.Archive(t, "a.tar", tableFiles("list.jsonl", jsonlList)), Options{})
	datatest.WantError(t, err, "a.tar", "0 files", ".csv")
	_, err = Open("csv:", Options{})
	datatest.WantError(t, err, "has no path")
	_, err = Open("cub:x", Options{Labels: "folder"})
	datatest.WantError(t, err, "--labels folder", "cub")
}
