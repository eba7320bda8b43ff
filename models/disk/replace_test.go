package disk_test

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	. "udml-gpu/models/disk"
	"udml-gpu/models/disk/faultfs"
)

const (
	runDir = "/run"
	page   = runDir + "/report.html"
)

// oldPage is a disk with the file that will be replaced.
func oldPage(t *testing.T) *faultfs.Disk {
	t.Helper()
	d := faultfs.NewDisk(runDir)
	if err := ReplaceOn(d, page, []byte("old")); err != nil {
		t.Fatal(err)
	}
	return d
}

func pageContent(d *faultfs.Disk) string {
	b, err := faultfs.Read(d, page)
	if err != nil {
		return err.Error()
	}
	return string(b)
}

// wantPage checks that the old page or the new one is there (only the new one if new), that it can be replaced, and that
// there are no other files afterwards.
func wantPage(t *testing.T, d *faultfs.Disk, onlyNew bool, about ...any) {
	t.Helper()
	if got := pageContent(d); got != "new" && (onlyNew || got != "old") {
		t.Fatalf("%v: the file holds %q", about, got)
	}
	if err := ReplaceOn(d, page, []byte("newer")); err != nil || pageContent(d) != "newer" {
		t.Fatalf("%v: replaced again it holds %q, %v", about, pageContent(d), err)
	}
	if entries, err := d.ReadDir(runDir); len(entries) != 1 || err != nil {
		t.Fatalf("%v: %v lie there, %v", about, entries, err)
	}
}

func TestReplaceThroughFaults(t *testing.T) {
	count := &faultfs.Failing{FS: oldPage(t)}
	if err := ReplaceOn(count, page, []byte("new")); err != nil || count.Ops() < 6 {
		t.Fatalf("%d operations, %v", count.Ops(), err)
	}
	for _, f := range faultfs.Faults() {
		if f.How == faultfs.Altered {
			continue // only checkpoints are read back
		}
		for k := 1; k <= count.Ops(); k++ {
			d := oldPage(t)
			err := ReplaceOn(f.On(d, k), page, []byte("new"))
			if err == nil && f.Err != nil {
				t.Fatalf("operation %d, %v: no error", k, f)
			}
			wantPage(t, d, err == nil, "operation", k, f)
		}
	}
	for k := 1; k <= count.Ops()+1; k++ {
		d := oldPage(t)
		err := ReplaceOn(faultfs.Stop.On(d, k), page, []byte("new"))
		for cut, left := range d.PowerCuts() {
			wantPage(t, left, err == nil, "stopped at", k, cut)
		}
	}
}

// TestMakeDir: once MakeDir has returned, a power cut removes none of the folders.
func TestMakeDir(t *testing.T) {
	const dir = "/home/runs/001"
	made := 0
	for k := 1; k <= 10; k++ {
		d := faultfs.NewDisk("/home")
		if err := MakeDirOn(faultfs.Fault{Err: syscall.EIO, How: faultfs.Refused}.On(d, k), dir); err != nil {
			continue
		}
		made++
		for cut, left := range d.PowerCuts() {
			if info, err := left.Lstat(dir); err != nil || !info.IsDir() {
				t.Fatalf("%s: %v", cut, err)
			}
		}
	}
	if made != 5 { // it takes five operations, all of them needed
		t.Errorf("made in %d of 10 cases", made)
	}
}

func TestReplace(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "config.yaml")
	for _, want := range []string{"one", "two"} {
		if err := Replace(path, []byte(want)); err != nil {
			t.Fatal(err)
		}
		if b, err := os.ReadFile(path); err != nil || string(b) != want {
			t.Fatalf("%q, %v", b, err)
		}
	}
	if entries, _ := os.ReadDir(dir); len(entries) != 1 {
		t.Errorf("%d files are left", len(entries))
	}
}

// TestReplaceByMany: with any number of processes replacing the file at once, it is complete at any time, and no other file stays.
func TestReplaceByMany(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "file")
	content := func(i int) string { return strings.Repeat(string(rune('a'+i)), 1000*(i+1)) }
	var wait sync.WaitGroup
	for i := range 8 {
		wait.Go(func() {
			for range 20 {
				err := ReplaceBy(OS, path, func(w io.Writer) error {
					_, err := io.WriteString(w, content(i))
					return err
				})
				if err != nil {
					t.Error(err)
				}
				b, err := os.ReadFile(path)
				if err != nil || len(b) == 0 || string(b) != content(int(b[0]-'a')) {
					t.Errorf("the file holds %d bytes of no writer, %v", len(b), err)
				}
			}
		})
	}
	wait.Wait()
	if entries, err := os.ReadDir(dir); len(entries) != 1 || err != nil {
		t.Errorf("%v are left, %v", entries, err)
	}
	failed := errors.New("no more to write")
	if err := ReplaceBy(OS, path, func(io.Writer) error { return failed }); !errors.Is(err, failed) {
		t.Errorf("error %v", err)
	}
	if entries, err := os.ReadDir(dir); len(entries) != 1 || err != nil {
		t.Errorf("%v are left, %v", entries, err)
	}
}
