package checkpoint

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"
	"unicode"

	"udml-gpu/models/disk"
)

// LockFile is the file in a run directory that its writer locks. It stays, unlocked, when the writer has ended.
const LockFile = "lock"

// holder is the process that holds a lock, for the message to other processes.
type holder struct {
	Host  string    `json:"host"`
	PID   int       `json:"pid"`
	Start time.Time `json:"start"`
}

// Lock claims runDir for this process until release is called or the process ends, and removes the unfinished files of a crashed
// writer: removed are their names, for the log. If another process holds runDir, the error says which.
func Lock(runDir string) (release func() error, removed []string, err error) {
	path := filepath.Join(runDir, LockFile)
	f, err := disk.OpenOwn(path)
	if err != nil {
		return nil, nil, lockError(runDir, err)
	}
	ok, err := disk.TryLock(f)
	for range probes {
		if ok || err != nil {
			break
		}
		time.Sleep(probeTime)
		ok, err = disk.TryLock(f)
	}
	if err != nil {
		f.Close()
		return nil, nil, lockError(runDir, err)
	}
	if !ok {
		f.Close()
		return nil, nil, fmt.Errorf("%s is in use by %s", runDir, readHolder(path))
	}
	if err = writeHolder(f); err == nil {
		removed, err = NewStore(disk.OS, runDir).Recover()
	}
	if err != nil {
		f.Close()
		return nil, removed, fmt.Errorf("%s cannot be prepared for writing: %w", runDir, err)
	}
	return sync.OnceValue(f.Close), removed, nil
}

// InUse holds the lock for an instant; Lock therefore tries so often, with this pause.
const (
	probes    = 5
	probeTime = 10 * time.Millisecond
)

// InUse says whether a process holds runDir. It writes nothing; where the lock cannot be read, nobody holds it.
func InUse(runDir string) bool {
	f, _, err := disk.Open(filepath.Join(runDir, LockFile))
	if err != nil {
		return false
	}
	defer f.Close()
	ok, err := disk.TryLock(f)
	return err == nil && !ok
}

// lockError adds advice where the file system has no locks: NFS without its lock service (ENOLCK), Lustre mounted
// without "flock" (ENOSYS), some FUSE file systems (EOPNOTSUPP).
func lockError(runDir string, err error) error {
	if errors.Is(err, errors.ErrUnsupported) || errors.Is(err, syscall.ENOLCK) {
		return fmt.Errorf("%s is on a file system without file locks (%w), so that a second process could write to the same run; "+
			"put it on a local disk, or mount the file system with locks (Lustre: -o flock; NFS: its lock service)", runDir, err)
	}
	if errors.Is(err, syscall.ELOOP) { // the link may be meant to have another file overwritten
		return fmt.Errorf("%s cannot be locked: its file %s is a link; remove it", runDir, LockFile)
	}
	return fmt.Errorf("%s cannot be locked: %w", runDir, err)
}

func writeHolder(f *os.File) error {
	host, err := os.Hostname()
	if err != nil {
		host = "an unknown host"
	}
	b, err := json.Marshal(holder{Host: host, PID: os.Getpid(), Start: time.Now().UTC().Truncate(time.Second)})
	if err != nil {
		return err
	}
	if err := f.Truncate(0); err != nil {
		return err
	}
	_, err = f.WriteAt(append(b, '\n'), 0)
	return err
}

// readHolder never fails: the message is needed even if the holder is just writing its name.
func readHolder(path string) string {
	b, _ := disk.ReadFile(path, 4096) // a valid one has about a hundred bytes
	return HolderText(b)
}

// HolderText names the process of a lock's content, whatever else is in it.
func HolderText(lock []byte) string {
	if h, ok := parseHolder(lock); ok {
		return fmt.Sprintf("process %d on %s since %s", h.PID, h.Host, h.Start.Format(time.RFC3339))
	}
	return "another process"
}

// parseHolder accepts only text that cannot control a terminal.
func parseHolder(b []byte) (h holder, ok bool) {
	if err := json.Unmarshal(b, &h); err != nil || h.PID <= 0 || h.Host == "" || len(h.Host) > 255 {
		return holder{}, false
	}
	return h, printable(h.Host)
}

// printable tells whether s may be part of a message: anyone may have written the file.
func printable(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) || r == unicode.ReplacementChar })
}
