package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"udml-gpu/engine/collection"
	"udml-gpu/kernels/rng"
)

// TestTortureEmbed kills embed and embed --update at instants drawn from a seed, and goes on each time. The collection must be
// one that can be opened or is not finished yet, and must end with the bytes of one that was never disturbed. UDML_KILLS and UDML_SEED
// change the number of kills and their times.
func TestTortureEmbed(t *testing.T) {
	kills, seed := fromEnv(t, "UDML_KILLS", 12), fromEnv(t, "UDML_SEED", 1)
	v := newHarness(t)
	v.morePhotos()
	whole := filepath.Join(v.dir, "whole.udml")
	took := v.embedded(whole, time.Hour) + v.changed(whole, time.Hour)
	for killed, n := 0, 0; killed < kills; n++ {
		dir := filepath.Join(v.dir, fmt.Sprintf("c%03d.udml", n))
		v.restorePhotos()
		for step, work := range []func(string, time.Duration) time.Duration{v.embedded, v.changed} {
			for attempt := 0; ; attempt++ {
				after := time.Hour
				if killed < kills {
					at := rng.Key{Seed: uint64(seed), Sample: uint32(n), Epoch: uint32(attempt), View: uint16(step), Op: rng.OpBench}.At(0)
					after = time.Duration(0.6 * float64(took) * float64(at[0]) / (1 << 32))
				}
				if work(dir, after) > 0 {
					break
				}
				killed++
				v.canBeRead(dir)
			}
		}
		v.sameCollection(whole, dir)
	}
}

// morePhotos are enough for several batches.
func (v *harness) morePhotos() {
	one, err := os.ReadFile(filepath.Join(v.dir, "photos", "00.png"))
	if err != nil {
		v.Fatal(err)
	}
	for i := range 300 { // what follows the end of a PNG is not read, and makes each file another
		v.write(fmt.Sprintf("photos/m%03d.png", i), append(bytes.Clone(one), byte(i), byte(i>>8)))
	}
	v.restorePhotos()
}

// restorePhotos undoes what changed does to the photos.
func (v *harness) restorePhotos() {
	old := time.Unix(1_700_000_000, 0)
	_ = os.RemoveAll(filepath.Join(v.dir, "photos", "new"))
	one, err := os.ReadFile(filepath.Join(v.dir, "photos", "01.png"))
	if err != nil {
		v.Fatal(err)
	}
	v.write("photos/away.png", append(one, 'x'))
	err = filepath.WalkDir(filepath.Join(v.dir, "photos"), func(path string, _ fs.DirEntry, err error) error {
		return errors.Join(err, os.Chtimes(path, old, old))
	})
	if err != nil {
		v.Fatal(err)
	}
}

func (v *harness) write(name string, content []byte) {
	path := filepath.Join(v.dir, name)
	if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o777), os.WriteFile(path, content, 0o666)); err != nil {
		v.Fatal(err)
	}
}

// embedded makes the collection; 0: it was killed.
func (v *harness) embedded(dir string, after time.Duration) time.Duration {
	if m, err := collection.ReadManifest(dir); err == nil && m.Generation > 0 { // killed after its last write
		return 1
	}
	return v.killedAfter(after, "embed", "--data", "photos", "--backbone", "conv4", "--size", "16", "--dim", "16", "--pretrained=false",
		"--head-init", "whiten", "--out", dir)
}

// changed adds and removes photos, and updates the collection; 0: it was killed.
func (v *harness) changed(dir string, after time.Duration) time.Duration {
	one, err := os.ReadFile(filepath.Join(v.dir, "photos", "02.png"))
	if err != nil {
		v.Fatal(err)
	}
	for i := range 150 {
		name := fmt.Sprintf("photos/new/%03d.png", i)
		v.write(name, append(bytes.Clone(one), byte(i), 'n'))
		if err := os.Chtimes(filepath.Join(v.dir, name), time.Unix(1_710_000_000, 0), time.Unix(1_710_000_000, 0)); err != nil {
			v.Fatal(err)
		}
	}
	_ = os.Remove(filepath.Join(v.dir, "photos", "away.png"))
	return v.killedAfter(after, "embed", "--update", dir)
}

// killedAfter runs the program; 0: it was killed.
func (v *harness) killedAfter(after time.Duration, args ...string) time.Duration {
	ctx, cancel := context.WithTimeout(context.Background(), after)
	defer cancel()
	cmd := exec.CommandContext(ctx, v.bin, args...)
	cmd.Dir, cmd.Env = v.dir, append(os.Environ(), "UDML_LIBCUDA=none")
	start := time.Now()
	out, err := cmd.CombinedOutput()
	switch {
	case err == nil:
		return time.Since(start)
	case ctx.Err() == nil:
		v.Fatalf("%v: %v: %s", args, err, out)
	}
	return 0
}

// canBeRead fails unless the collection opens, or says that it is not there or not finished.
func (v *harness) canBeRead(dir string) {
	c, err := collection.Open(dir)
	if err == nil {
		_ = c.Close()
		return
	}
	m, err2 := collection.ReadManifest(dir)
	if _, none := os.Stat(filepath.Join(dir, "manifest.json")); none == nil && (err2 != nil || m.Generation > 0) {
		v.Fatalf("%s after a kill: %v", dir, err)
	}
}

// sameCollection compares all files but the lock.
func (v *harness) sameCollection(a, b string) {
	v.Helper()
	first, second := filesOf(v.T, a), filesOf(v.T, b)
	for name, sum := range first {
		if second[name] != sum {
			v.Errorf("%s of %s differs", name, b)
		}
	}
	if len(first) != len(second) {
		v.Errorf("%d files and %d: %v", len(first), len(second), second)
	}
}

// filesOf are the files below a folder with their checksums.
func filesOf(t *testing.T, dir string) map[string][32]byte {
	t.Helper()
	files := map[string][32]byte{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		b, err := os.ReadFile(path)
		name, _ := filepath.Rel(dir, path)
		files[name] = sha256.Sum256(b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}
