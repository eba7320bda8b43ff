package train

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"udml-gpu/engine/checkpoint"
	"udml-gpu/engine/data/baddata"
	"udml-gpu/engine/images"
	"udml-gpu/engine/setting"
	"udml-gpu/models/disk"
	"udml-gpu/models/disk/faultfs"
)

// fullDisk refuses the first new files, as many as refuse says. A checkpoint fails at its first refused file.
type fullDisk struct {
	disk.FS
	refuse int
}

func (f *fullDisk) Create(path string) (disk.File, error) {
	if f.refuse > 0 {
		f.refuse--
		return nil, &os.PathError{Op: "open", Path: path, Err: syscall.ENOSPC}
	}
	return f.FS.Create(path)
}

// trainOn runs c with its checkpoints on fsys and its log in log.
func trainOn(t *testing.T, c setting.Config, fsys disk.FS, log io.Writer) error {
	t.Helper()
	tr, err := New(context.Background(), c, Session{UI: images.UI{Log: zerolog.New(log)}})
	if err != nil {
		t.Fatal(err)
	}
	defer tr.Close()
	tr.run.Store = checkpoint.NewStore(fsys, c.Out)
	_, err = onTrainImages(tr).Train(context.Background())
	return err
}

// stepwise sets a checkpoint at every step, so that a run of 4 steps writes 5 and the final one.
func stepwise(c *setting.Config) { c.CheckSteps = 1 }

// TestFailedCheckpointIsAWarning: with a disk that is full for two checkpoints there is a warning for each, and training ends
// in the same bytes.
func TestFailedCheckpointIsAWarning(t *testing.T) {
	whole := tiny(t, stepwise)
	if _, _, err := trainTiny(t, whole); err != nil {
		t.Fatal(err)
	}
	c := tiny(t, stepwise)
	var log bytes.Buffer
	if err := trainOn(t, c, &fullDisk{disk.OS, maxFailedSaves - 1}, &log); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(log.String(), "a checkpoint cannot be written; training goes on"); n != maxFailedSaves-1 {
		t.Errorf("%d warnings in %s", n, log.String())
	}
	wantRunFiles(t, runFiles(t, whole.Out), c.Out)
}

// TestDiskGone: when the disk goes away for good at some operation, the run ends with a baddata.Error (exit code 3) that names
// the safe checkpoint, and resumes from there once the disk is back.
func TestDiskGone(t *testing.T) {
	retryWait = time.Millisecond
	t.Cleanup(func() { retryWait = time.Second })
	count := &faultfs.Failing{FS: disk.OS}
	whole := tiny(t, stepwise)
	if err := trainOn(t, whole, count, io.Discard); err != nil {
		t.Fatal(err)
	}
	want := runFiles(t, whole.Out)
	intact := 0
	for k := 1; k < count.Ops(); k += count.Ops() / 3 { // the tests of checkpoint.Store cover every operation of a save
		c := tiny(t, stepwise)
		err := trainOn(t, c, &faultfs.Failing{FS: disk.OS, K: k, Err: syscall.EIO, Gone: true}, io.Discard)
		var bad *baddata.Error
		if !errors.As(err, &bad) || !strings.Contains(err.Error(), "3 checkpoints in a row cannot be written") {
			t.Fatalf("operation %d: error %v", k, err)
		}
		if strings.Contains(err.Error(), "is intact") {
			intact++
		}
		resumeTiny(t, c)
		for name, b := range runFiles(t, c.Out) {
			if !bytes.Equal(b, want[name]) {
				t.Errorf("operation %d: %s differs from that of a run on a good disk", k, name)
			}
		}
	}
	if intact < 2 {
		t.Errorf("%d of the runs kept a checkpoint", intact)
	}
}

// TestSignalOnAFullDisk: if the state cannot be saved after a signal, the run ends with code 3 and not with code 75.
func TestSignalOnAFullDisk(t *testing.T) {
	retryWait = time.Millisecond
	t.Cleanup(func() { retryWait = time.Second })
	c := tiny(t, nil)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	tr, err := New(ctx, c, Session{UI: images.UI{Log: zerolog.Nop()}, Progress: atStep{1, 2, cancel}})
	if err != nil {
		t.Fatal(err)
	}
	defer tr.Close()
	tr.run.Store = checkpoint.NewStore(&faultfs.Failing{FS: disk.OS, K: 1, Err: syscall.ENOSPC, Gone: true}, c.Out)
	_, err = onTrainImages(tr).Train(ctx)
	var bad *baddata.Error
	if !errors.As(err, &bad) || errors.Is(err, ErrStopped) || !strings.Contains(err.Error(), "the run has no checkpoint") {
		t.Fatalf("error %v", err)
	}
	if _, err := os.Stat(filepath.Join(c.Out, "checkpoints", "last")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("there is a checkpoint: %v", err)
	}
}

// TestImagesGoAwayWhileTraining: if the decoded images disappear with their disk, the run ends with a baddata.Error and does not
// save what it learnt after that. The resumed run decodes them again and leaves the bytes of an undisturbed run.
func TestImagesGoAwayWhileTraining(t *testing.T) {
	whole := tiny(t, stepwise)
	if _, _, err := trainTiny(t, whole); err != nil {
		t.Fatal(err)
	}
	c := tiny(t, func(c *setting.Config) { stepwise(c); c.Cache = t.TempDir() })
	pull := atStep{1, 2, func() {
		files, _ := filepath.Glob(filepath.Join(c.Cache, "*"))
		for _, f := range files {
			if err := os.Truncate(f, 1<<13); err != nil {
				t.Error(err)
			}
		}
	}}
	tr, err := New(context.Background(), c, Session{UI: images.UI{Log: zerolog.Nop()}, Progress: pull})
	if err != nil {
		t.Fatal(err)
	}
	_, err = onTrainImages(tr).Train(context.Background())
	tr.Close()
	var bad *baddata.Error
	if !errors.As(err, &bad) || !strings.Contains(err.Error(), "cannot be read any more") {
		t.Fatalf("error %v", err)
	}
	resumeTiny(t, c)
	wantRunFiles(t, runFiles(t, whole.Out), c.Out)
}
