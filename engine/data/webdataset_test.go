package data

import (
	"archive/tar"
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"udml-gpu/engine/data/baddata"
	"udml-gpu/engine/store/storetest"
)

// shard is a tar of members, name and content in turn.
func shard(t *testing.T, members ...string) string {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for i := 0; i < len(members); i += 2 {
		err := w.WriteHeader(&tar.Header{Name: members[i], Size: int64(len(members[i+1])), Mode: 0o644, Typeflag: tar.TypeReg})
		if err == nil {
			_, err = w.Write([]byte(members[i+1]))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// shards are a WebDataset, by name.
func shards(t *testing.T) map[string]string {
	return map[string]string{
		"a-000.tar": shard(t, "0.jpg", "image 0", "0.cls", "7\n", "1.jpg", "image 1", "1.json", `{"label": "cat"}`),
		"a-001.tar": shard(t, "0.json", `{"label": 7, "x": [1]}`, "0.cls", "9", "0.seg.png", "mask", "0.jpg", "image 2", "sub/k.v.jpg",
			"image 3", "x.txt", "t"),
	}
}

// TestWebDataset: from a folder, a prefix and a pattern come the same images, with the labels beside them.
func TestWebDataset(t *testing.T) {
	s, dir := storetest.New(t), t.TempDir()
	for name, content := range shards(t) {
		s.Put("bucket/ds/"+name, content)
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want := map[string]string{
		"a-000.tar/0.jpg": "7 image 0", "a-000.tar/1.jpg": "cat image 1", "a-001.tar/0.jpg": "9 image 2", "a-001.tar/0.seg.png": "9 mask",
		"a-001.tar/sub/k.v.jpg": " image 3",
	}
	for _, spec := range []string{
		"wds:" + dir, "wds:" + dir + "/a-{000..001}.tar", dir + "/a-{000..001}.tar", "s3://bucket/ds/", "s3://bucket/ds",
		"wds:s3://bucket/ds/",
		"s3://bucket/ds/a-{000..001}.tar", "wds:" + dir + "/a-00{0,1}.tar",
	} {
		for range 2 { // the second time from the index
			src, err := Open(spec, Options{Index: filepath.Join(dir, "index")})
			if err != nil {
				t.Fatalf("%s: %v", spec, err)
			}
			set := src.Split("all")
			got := map[string]string{}
			for i, item := range set.Items {
				label := ""
				if item.Label >= 0 {
					label = set.Classes[item.Label]
				}
				b, err := set.ReadImage(i)
				if err != nil {
					t.Error(err)
				}
				got[item.Name] = label + " " + string(b)
			}
			for name, what := range want {
				if got[name] != what {
					t.Errorf("%s: %s is %q, want %q", spec, name, got[name], what)
				}
			}
			if len(got) != len(want) || len(src.Splits()) != 0 {
				t.Errorf("%s holds %v, splits %v", spec, got, src.Splits())
			}
			src.Close()
		}
	}
}

func TestShardSplits(t *testing.T) {
	s := storetest.New(t)
	one := shard(t, "0.jpg", "x", "0.cls", "1")
	for _, name := range []string{"x/train/0.tar", "x/val/0.tar", "y/my-train-000.tar", "y/my-val-000.tar", "z/train-0.tar", "z/more.tar"} {
		s.Put("bucket/"+name, one)
	}
	for spec, want := range map[string][]string{
		"s3://bucket/x/": {"train", "val"}, "s3://bucket/y/": {"train", "val"},
		"s3://bucket/z/": nil,
	} {
		src, err := Open(spec, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if got := src.Splits(); !slices.Equal(got, want) {
			t.Errorf("%s has the splits %v", spec, got)
		}
		src.Close()
	}
}

func TestShardFaults(t *testing.T) {
	s := storetest.New(t)
	for name, content := range map[string]string{
		"json/0.tar": shard(t, "0.jpg", "x", "0.json", "no JSON"), "long/0.tar": shard(t, "0.jpg", "x", "0.cls", strings.Repeat("y", 300)),
		"cut/0.tar": shard(t, "0.jpg", strings.Repeat("x", 2000))[:2100], "none/0.tar": shard(t, "0.txt", "x"), "one/a-0.tar": shard(t,
			"0.jpg", "x"),
	} {
		s.Put("bucket/"+name, content)
	}
	for spec, says := range map[string]string{
		"s3://bucket/json/": "s3://bucket/json/0.tar: 0.json is not JSON", "s3://bucket/long/": "300 bytes",
		"s3://bucket/cut/":  "s3://bucket/cut/0.tar is damaged",
		"s3://bucket/none/": "lists no images", "s3://bucket/one/a-{0..1}.tar": "s3://bucket/one/a-1.tar",
		"s3://bucket/one/a-{1..0}.tar":        "no range",
		"s3://bucket/one/a-{0..99999999}.tar": "no range", "wds:" + t.TempDir(): "holds no tars",
		"s3://bucket/one/{..}/../b-{0..1}.tar": "",
	} {
		_, err := Open(spec, Options{})
		if bad := (*baddata.Error)(nil); !errors.As(err, &bad) || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", spec, err)
		}
	}
}

// TestRemoteTable: a list in a store names the images beside it.
func TestRemoteTable(t *testing.T) {
	s := storetest.New(t)
	s.Put("bucket/set/list.csv", "path,label\na.jpg,cat\n")
	s.Put("bucket/set/a.jpg", "x")
	src, err := Open("csv:s3://bucket/set/list.csv", Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	if set := src.Split("all"); len(set.Items) != 1 || set.Items[0].Name != "a.jpg" || !slices.Equal(set.Classes, []string{"cat"}) {
		t.Errorf("it holds %+v", set)
	}
	s.Put("bucket/set/list.csv", "path,label\nb.jpg,cat\n")
	if _, err := Open("csv:s3://bucket/set/list.csv", Options{}); err == nil || !strings.Contains(err.Error(),
		"s3://bucket/set/list.csv, line 2") {
		t.Errorf("%v", err)
	}
}
