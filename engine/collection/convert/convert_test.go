package convert

import (
	"context"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"udml-gpu/engine/collection/collectiontest"
	"udml-gpu/engine/data/baddata"
	"udml-gpu/engine/setting"
)

// fileNames are what each format writes, in the order in which it is listed; the name of the output is out.
var fileNames = map[string]string{
	"parquet": "out.x", "npy": "out.x out.paths.txt out.about.json", "csv": "out.x out.about.json", "jsonl": "out.x out.about.json",
	"safetensors": "out.x", "faiss": "out.x out.paths.txt out.about.json", "pgvector": "out.x out.sql",
	"tensorboard": "out.x/projector_config.pbtxt out.x/metadata.tsv out.x/vectors.bytes out.x/about.json",
	"fiftyone":    "out.x/vectors.parquet out.x/load.py", "lightly": "out.x/vectors.parquet out.x/load.py",
	"milvus": "out.x/vectors.parquet out.x/about.json out.x/load.py",
	"qdrant": "out.x/collection.json out.x/points-000001.json out.x/about.json out.x/upload.sh",
}

// content is every file below the folder.
func content(t *testing.T, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		name, _ := filepath.Rel(dir, path)
		all[name] = string(b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// TestRun: each format writes its files and nothing else, without images that are gone, with the same bytes again, and replaces a file.
func TestRun(t *testing.T) {
	items := collectiontest.Items(300, "a\nb.jpg", "caf\xe9.jpg", `"q",.jpg`)
	items[17].Gone = true
	c := collectiontest.Make(t, filepath.Join(t.TempDir(), "c.udml"), 5, items)
	if got := slices.Sorted(maps.Keys(fileNames)); len(got) != len(Formats()) {
		t.Errorf("the test has %v, the program %v", got, Formats())
	}
	for _, format := range Formats() {
		var before map[string]string
		for n := range 2 {
			dir := t.TempDir()
			out := filepath.Join(dir, "out.x")
			if n == 1 && !strings.Contains(fileNames[format], "/") {
				if err := os.WriteFile(out, []byte("old"), 0o666); err != nil {
					t.Fatal(err)
				}
			}
			r, err := Run(context.Background(), c.Path, format, out, Options{})
			if err != nil || r.Images != 299 || r.Total != 299 || r.Dimensions != 5 || r.Limit != "" {
				t.Fatalf("%s: %+v, %v", format, r, err)
			}
			var listed []string
			for _, f := range r.Files {
				name, _ := filepath.Rel(dir, f)
				listed = append(listed, name)
			}
			all := content(t, dir)
			if got := strings.Join(listed, " "); got != fileNames[format] || len(all) != len(listed) {
				t.Errorf("%s: lists %s and writes %v", format, got, slices.Sorted(maps.Keys(all)))
			}
			if n == 1 && !maps.Equal(all, before) {
				t.Errorf("%s: other bytes the second time", format)
			}
			before = all
		}
	}
}

// TestEmpty: a collection without images gives valid files.
func TestEmpty(t *testing.T) {
	items := collectiontest.Items(1)
	items[0].Gone = true
	c := collectiontest.Make(t, filepath.Join(t.TempDir(), "c.udml"), 5, items)
	for _, format := range Formats() {
		if _, err := Run(context.Background(), c.Path, format, filepath.Join(t.TempDir(), "x"), Options{}); err != nil {
			t.Errorf("%s: %v", format, err)
		}
	}
}

// TestStopped: stopped in the middle, the old file is there, and no part of a new one.
func TestStopped(t *testing.T) {
	c := collectiontest.Make(t, filepath.Join(t.TempDir(), "c.udml"), 5, collectiontest.Items(3000))
	for _, format := range Formats() {
		dir := t.TempDir()
		out := filepath.Join(dir, "out")
		want := map[string]string{}
		if !strings.Contains(fileNames[format], "/") {
			want["out"] = "old"
			if err := os.WriteFile(out, []byte("old"), 0o666); err != nil {
				t.Fatal(err)
			}
		}
		ctx, cancel := context.WithCancel(context.Background())
		_, err := Run(ctx, c.Path, format, out, Options{Progress: func(done, _ int) {
			if done > 0 {
				cancel()
			}
		}})
		cancel()
		if got := content(t, dir); !errors.Is(err, ErrStopped) || !maps.Equal(got, want) {
			t.Errorf("%s: %v; there are %v", format, err, slices.Sorted(maps.Keys(got)))
		}
		if _, err := os.Stat(out); len(want) == 0 && err == nil {
			t.Errorf("%s: a folder is there", format)
		}
	}
}

// TestRefuses: mistakes are one sentence, before anything is written.
func TestRefuses(t *testing.T) {
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	c := collectiontest.Make(t, at("c.udml"), 5, collectiontest.Items(3))
	err := errors.Join(os.Mkdir(at("empty"), 0o777), os.Mkdir(at("full"), 0o777), os.WriteFile(at("full/x"), nil, 0o666))
	if err != nil {
		t.Fatal(err)
	}
	for _, q := range []struct {
		to, out string
		o       Options
		want    string
	}{
		{"xml", "x", Options{}, `--to "xml" is not known: expected parquet, npy, csv`},
		{"npy", "none/x", Options{}, "there is no folder"},
		{"npy", "empty", Options{}, "is a folder: expected the name of a file"},
		{"qdrant", "full", Options{}, "is not empty"},
		{"qdrant", "full/x", Options{}, "is a file: --to qdrant writes a folder"},
		{"npy", "x", Options{Thumbnails: true, Side: 64}, "--with-thumbnails does not go with --to npy"},
		{"npy", "x", Options{Base64: true}, "--base64 does not go with --to npy"},
		{"pgvector", "x.sql", Options{}, "name the CSV file"},
		{"parquet", "x", Options{Thumbnails: true, Side: 64}, "are not where they were"},
	} {
		_, err := Run(context.Background(), c.Path, q.to, at(q.out), q.o)
		var usage *setting.UsageError
		var bad *baddata.Error
		if err == nil || !strings.Contains(err.Error(), q.want) || !errors.As(err, &usage) && !errors.As(err, &bad) {
			t.Errorf("--to %s --out %s: %v, want %q", q.to, q.out, err, q.want)
		}
	}
	if _, err := Run(context.Background(), c.Path, "milvus", at("empty"), Options{}); err != nil {
		t.Errorf("an empty folder: %v", err)
	}
}
