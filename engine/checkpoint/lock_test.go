package checkpoint

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
)

func TestLockCleansUp(t *testing.T) {
	dir := t.TempDir()
	save(t, dir, 1, 0)
	save(t, dir, 2, 0)
	parent := filepath.Join(dir, Folder)
	// stopped between the two renames of a checkpoint that replaces another
	if err := os.Rename(filepath.Join(parent, "000002"), filepath.Join(parent, oldPrefix+"000002")); err != nil {
		t.Fatal(err)
	}
	for _, d := range []string{tmpPrefix + "000002", oldPrefix + "000001"} {
		if err := os.Mkdir(filepath.Join(parent, d), 0o777); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, tmpPrefix+"report.html"), nil, 0o666); err != nil {
		t.Fatal(err)
	}
	release, removed, err := Lock(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = release() }()
	if want := []string{tmpPrefix + "report.html", oldPrefix + "000001", tmpPrefix + "000002"}; !slices.Equal(removed, want) {
		t.Errorf("removed %q, want %q", removed, want)
	}
	if got := names(t, dir); !slices.Equal(got, []string{"000001", "000002", "last"}) {
		t.Errorf("folder holds %v", got)
	}
	wantLatest(t, dir, "000002", 0)
}

func TestLockNamesItsHolder(t *testing.T) {
	dir := t.TempDir()
	release, _, err := Lock(dir)
	if err != nil {
		t.Fatal(err)
	}
	_, _, err = Lock(dir)
	want := fmt.Sprintf("process %d on ", os.Getpid())
	if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "since 20") {
		t.Errorf("error %v, want %q in it", err, want)
	}
	if err := os.WriteFile(filepath.Join(dir, LockFile), []byte("{"), 0o666); err != nil {
		t.Fatal(err)
	}
	if _, _, err = Lock(dir); err == nil || !strings.Contains(err.Error(), "another process") {
		t.Errorf("error %v", err)
	}
	if err := release(); err != nil {
		t.Fatal(err)
	}
	again, _, err := Lock(dir)
	if err != nil {
		t.Fatal(err)
	}
	_ = again()
}

// TestLockOnAFileSystemWithoutLocks: the error says what is missing and what to do.
func TestLockOnAFileSystemWithoutLocks(t *testing.T) {
	for _, err := range []error{syscall.ENOSYS, syscall.EOPNOTSUPP, syscall.ENOLCK} {
		if got := lockError("runs/7", err).Error(); !strings.Contains(got, "runs/7 is on a file system without file locks") ||
			!strings.Contains(got, err.Error()) {
			t.Errorf("%v: %s", err, got)
		}
	}
	if got := lockError("runs/7", syscall.EROFS).Error(); got != "runs/7 cannot be locked: read-only file system" {
		t.Error(got)
	}
}

// FuzzHolder: whatever the lock file holds, the message about it can be printed on a terminal.
func FuzzHolder(f *testing.F) {
	f.Add([]byte(`{"host":"node7","pid":4211,"start":"2024-02-03T04:05:06Z"}`))
	f.Add([]byte(`{"host":"\u001b[2J","pid":1,"start":"2024-02-03T04:05:06Z"}`))
	f.Add([]byte(`{"host":"a","pid":-1}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		h, ok := parseHolder(b)
		if !ok {
			return
		}
		for _, r := range h.Host {
			if r < ' ' || r == 0x7f || r == 0x9b || r == 0x202e {
				t.Fatalf("host %q would be printed", h.Host)
			}
		}
		if h.PID <= 0 || h.Host == "" {
			t.Fatalf("process %d on %q", h.PID, h.Host)
		}
	})
}

func TestInUse(t *testing.T) {
	dir := t.TempDir()
	if InUse(dir) {
		t.Error("a folder without a lock is in use")
	}
	release, _, err := Lock(dir)
	if err != nil {
		t.Fatal(err)
	}
	if !InUse(dir) {
		t.Error("a locked run is not in use")
	}
	if err := release(); err != nil || InUse(dir) {
		t.Errorf("a released run is in use; %v", err)
	}
}
