package cache

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"

	"udml-gpu/engine/data/datatest"
	"udml-gpu/models/disk"
)

// TestPendingOfKilledProcess: a process that is killed while decoding leaves no valid cache, and the next one removes its file.
func TestPendingOfKilledProcess(t *testing.T) {
	if dir := os.Getenv("UDML_TEST_KILL"); dir != "" {
		o := Options{Size: 6, Channels: 3, MaxBad: -1, Keep: os.Getenv("UDML_TEST_KEEP"), Workers: 1}
		o.Progress = func(done, _ int) {
			if done == 3 {
				_ = unix.Kill(os.Getpid(), unix.SIGKILL)
			}
		}
		_, _ = Open(context.Background(), openSet(t, dir), o)
		t.Fatal("still alive")
	}
	dir, folder := kept(t), t.TempDir()
	child := exec.Command(os.Args[0], "-test.run", "^TestPendingOfKilledProcess$")
	child.Env = append(os.Environ(), "UDML_TEST_KILL="+dir, "UDML_TEST_KEEP="+folder)
	if out, err := child.CombinedOutput(); err == nil || child.ProcessState.ExitCode() != -1 {
		t.Fatalf("%v\n%s", err, out)
	}
	if left := pendingIn(folder); len(left) != 1 {
		t.Fatalf("%v in the folder", left)
	}
	if reused, remade := openKept(t, openSet(t, dir), folder); reused || remade != "" {
		t.Fatalf("reused %t, %q", reused, remade)
	}
	if left := pendingIn(folder); len(left) != 0 {
		t.Fatalf("%v in the folder", left)
	}
}

func pendingIn(folder string) []string {
	left, _ := filepath.Glob(filepath.Join(folder, "*"+pendingExtension))
	return left
}

// TestPendingOfLivingProcess: a file that a running process is writing is not removed.
func TestPendingOfLivingProcess(t *testing.T) {
	folder := t.TempDir()
	p, err := newPending(disk.OS, folder, 1<<16)
	if err != nil {
		t.Fatal(err)
	}
	disk.RemoveUnlocked(folder, pendingExtension)
	if left := pendingIn(folder); len(left) != 1 {
		t.Fatalf("%v in the folder", left)
	}
	p.abandon()
	p.file.Close()
	if left := pendingIn(folder); len(left) != 0 {
		t.Fatalf("%v in the folder", left)
	}
}

// TestPendingOfFailedBuild: a failed build leaves no file, for any reason.
func TestPendingOfFailedBuild(t *testing.T) {
	set, folder, asked := manyImages(t, 5), t.TempDir(), 0
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Open(ctx, set, keepIn(folder, &asked)); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	o := keepIn(folder, &asked)
	o.MaxBad = 0
	_, err := Open(context.Background(), openSet(t, kept(t)), o)
	datatest.WantError(t, err, "--max-bad")
	if files, _ := os.ReadDir(folder); len(files) != 0 {
		t.Fatalf("%v in the folder", files)
	}
	file := filepath.Join(folder, "file")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	o.Keep, o.Remade = file, func(why error) { t.Error(why) }
	_, err = Open(context.Background(), set, o)
	datatest.WantError(t, err, "--cache", file, "cannot be created")
}

// TestPendingOnFullDisk: a disk that is too small gives one sentence and leaves no file: at once where room can be reserved, otherwise
// when a write fails.
func TestPendingOnFullDisk(t *testing.T) {
	small := t.TempDir()
	if err := unix.Mount("tmpfs", small, "tmpfs", 0, "size=64k"); err != nil {
		t.Skipf("a small disk cannot be mounted here: %v", err)
	}
	defer func() { _ = unix.Unmount(small, unix.MNT_DETACH) }()
	asked := 0
	o := keepIn(small, &asked)
	o.Size = 100
	_, err := Open(context.Background(), manyImages(t, 5), o)
	datatest.WantError(t, err, "the image cache in "+small, "no space left", "--cache")
	if asked != 0 {
		t.Errorf("%d images were decoded for a disk that is too small", asked)
	}
	f, err := os.Create(filepath.Join(small, "file"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	st := &store{size: 1 << 17, base: cachePixels, file: disk.OSFile{File: f}, folder: small}
	datatest.WantError(t, st.put(0, make([]uint8, 1<<17)), "the image cache in "+small, "no space left")
	_ = os.Remove(f.Name())
	if left := pendingIn(small); len(left) != 0 {
		t.Errorf("%v in the folder", left)
	}
}
