package cache

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"udml-gpu/engine/data"
	"udml-gpu/engine/data/baddata"
	"udml-gpu/models/disk"
	"udml-gpu/models/disk/faultfs"
)

// keepOn are options for a cache in folder, written on fsys.
func keepOn(fsys disk.FS, folder string) Options {
	asked := 0
	o := keepIn(folder, &asked)
	o.Workers, o.disk = 1, fsys
	return o
}

// makeKept makes the cache and closes it.
func makeKept(set *data.Set, o Options) error {
	c, err := Open(context.Background(), set, o)
	if err == nil {
		_ = c.Close()
	}
	return err
}

// TestKeptImagesThroughFaults: whichever disk operation fails, and however, the error is an *Error, and the next opening on a
// healthy disk gives the images and leaves one file, whether or not there was one before.
func TestKeptImagesThroughFaults(t *testing.T) {
	set := openSet(t, kept(t))
	for _, stale := range []bool{false, true} {
		count := &faultfs.Failing{FS: disk.OS}
		if err := makeKept(set, keepOn(count, keptFolder(t, set, stale))); err != nil || count.Ops() < 12 {
			t.Fatalf("%d operations, %v", count.Ops(), err)
		}
		for _, f := range faultfs.Faults() {
			if f.Err == nil { // os.File reports a short write, and this cache is not read back
				continue
			}
			for k := 1; k < count.Ops(); k++ { // the last one closes the file
				folder := keptFolder(t, set, stale)
				err := makeKept(set, keepOn(f.On(disk.OS, k), folder))
				if bad := (*baddata.Error)(nil); !errors.As(err, &bad) {
					t.Fatalf("operation %d, %v: error %v", k, f, err)
				}
				openKept(t, set, folder)
				if files, err := os.ReadDir(folder); len(files) != 1 || err != nil {
					t.Fatalf("operation %d, %v: %v in the folder, %v", k, f, files, err)
				}
			}
		}
	}
}

// keptFolder is a folder for the set's cache: one with a damaged file of that name, or one that does not exist yet.
func keptFolder(t *testing.T, set *data.Set, stale bool) string {
	t.Helper()
	folder := filepath.Join(t.TempDir(), "cache")
	if stale {
		if err := makeKept(set, keepOn(disk.OS, folder)); err != nil {
			t.Fatal(err)
		}
		if err := os.Truncate(keptFile(t, folder), 100); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}

// TestPowerCutWhileImagesAreKept stops after every operation and loses what was not synced: the file is then the old one or
// the complete new one, and always the new one once Open has returned.
func TestPowerCutWhileImagesAreKept(t *testing.T) {
	const folder = "/a disk in memory"
	set := openSet(t, kept(t))
	path := filepath.Join(folder, cacheName(set, keepOn(nil, folder)))
	begin := func() *faultfs.Disk {
		d := faultfs.NewDisk(folder)
		if err := disk.ReplaceOn(d, path, []byte("old")); err != nil {
			t.Fatal(err)
		}
		return d
	}
	whole := begin()
	count := &faultfs.Failing{FS: whole}
	if err := makeKept(set, keepOn(count, folder)); err != nil {
		t.Fatal(err)
	}
	want := contentOn(t, whole, path)
	if _, err := readCacheIndex(bytes.NewReader(want), int64(len(want))); err != nil {
		t.Fatal(err)
	}
	for k := 1; k <= count.Ops()+1; k++ {
		d := begin()
		err := makeKept(set, keepOn(faultfs.Stop.On(d, k), folder))
		for cut, left := range d.PowerCuts() {
			if got := contentOn(t, left, path); !bytes.Equal(got, want) && (err == nil || string(got) != "old") {
				t.Fatalf("stopped at %d, %s: the file holds %d bytes that are neither the old nor the new ones", k, cut, len(got))
			}
		}
	}
}

func contentOn(t *testing.T, d *faultfs.Disk, path string) []byte {
	t.Helper()
	b, err := faultfs.Read(d, path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
