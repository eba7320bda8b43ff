package checkpoint_test

import (
	"io"
	"syscall"
	"testing"

	. "udml-gpu/engine/checkpoint"
	"udml-gpu/engine/checkpoint/faultfs"
)

const page = runDir + "/report.html"

// oldPage is a disk with the file that is going to be replaced.
func oldPage(t *testing.T) *faultfs.Disk {
	t.Helper()
	d := faultfs.NewDisk(runDir)
	if err := ReplaceFile(d, page, []byte("old")); err != nil {
		t.Fatal(err)
	}
	return d
}

func pageContent(d *faultfs.Disk) string {
	f, err := d.Open(page)
	if err != nil {
		return err.Error()
	}
	b, err := io.ReadAll(f)
	if err != nil {
		return err.Error()
	}
	return string(b)
}

// wantPage checks that the old page or the new one is there (only the new one: new), that it can be replaced, and that
// nothing else lies beside it then.
func wantPage(t *testing.T, d *faultfs.Disk, onlyNew bool, about ...any) {
	t.Helper()
	if got := pageContent(d); got != "new" && (onlyNew || got != "old") {
		t.Fatalf("%v: the file holds %q", about, got)
	}
	if err := ReplaceFile(d, page, []byte("newer")); err != nil || pageContent(d) != "newer" {
		t.Fatalf("%v: replaced again it holds %q, %v", about, pageContent(d), err)
	}
	if entries, err := d.ReadDir(runDir); len(entries) != 1 || err != nil {
		t.Fatalf("%v: %v lie there, %v", about, entries, err)
	}
}

func TestReplaceFileThroughFaults(t *testing.T) {
	count := &faultfs.Failing{FS: oldPage(t)}
	if err := ReplaceFile(count, page, []byte("new")); err != nil || count.Ops() < 6 {
		t.Fatalf("%d operations, %v", count.Ops(), err)
	}
	for _, f := range faults() {
		if f.how == faultfs.Altered {
			continue // nothing but a checkpoint is read back
		}
		for k := 1; k <= count.Ops(); k++ {
			d := oldPage(t)
			err := ReplaceFile(f.on(d, k), page, []byte("new"))
			if err == nil && f.err != nil {
				t.Fatalf("operation %d, %v: no error", k, f)
			}
			wantPage(t, d, err == nil, "operation", k, f)
		}
	}
	for k := 1; k <= count.Ops()+1; k++ {
		d := oldPage(t)
		err := ReplaceFile(stop.on(d, k), page, []byte("new"))
		for cut, left := range d.PowerCuts() {
			wantPage(t, left, err == nil, "stopped at", k, cut)
		}
	}
}

// TestMakeDir: once MakeDir has returned, a power cut takes away none of the folders.
func TestMakeDir(t *testing.T) {
	const dir = "/home/runs/001"
	made := 0
	for k := 1; k <= 10; k++ {
		d := faultfs.NewDisk("/home")
		if err := MakeDirOn(fault{syscall.EIO, faultfs.Refused, false}.on(d, k), dir); err != nil {
			continue
		}
		made++
		for cut, left := range d.PowerCuts() {
			if info, err := left.Lstat(dir); err != nil || !info.IsDir() {
				t.Fatalf("%s: %v", cut, err)
			}
		}
	}
	if made != 5 { // it takes five operations, each of which is needed
		t.Errorf("made in %d of 10 cases", made)
	}
}
