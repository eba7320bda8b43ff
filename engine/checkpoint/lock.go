package checkpoint

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"
	"unicode"

	"github.com/gofrs/flock"
)

// LockFile is the file in a run directory that its writer holds. It stays there, without meaning, after the writer is gone.
const LockFile = "lock"

// holder says who holds a lock, for the message to whoever else wants it.
type holder struct {
	Host  string    `json:"host"`
	PID   int       `json:"pid"`
	Start time.Time `json:"start"`
}

// Lock claims runDir for this process until release is called or the process ends, and removes what a crashed writer
// left half done: removed names it, for the log. If another process holds runDir, the error says which.
func Lock(runDir string) (release func() error, removed []string, err error) {
	path := filepath.Join(runDir, LockFile)
	l := flock.New(path, flock.SetFlag(os.O_CREATE|os.O_RDWR|syscall.O_NOFOLLOW), flock.SetPermissions(0o666))
	ok, err := l.TryLock()
	if err != nil {
		return nil, nil, lockError(runDir, err)
	}
	if !ok {
		return nil, nil, fmt.Errorf("%s is in use by %s", runDir, readHolder(path))
	}
	if err = writeHolder(path); err == nil {
		removed, err = NewStore(OS, runDir).Recover()
	}
	if err != nil {
		_ = l.Unlock()
		return nil, removed, fmt.Errorf("%s cannot be made ready for writing: %w", runDir, err)
	}
	return l.Unlock, removed, nil
}

// lockError says more where the file system has no locks: NFS without its lock service (ENOLCK), Lustre mounted
// without "flock" (ENOSYS), some FUSE file systems (EOPNOTSUPP).
func lockError(runDir string, err error) error {
	if errors.Is(err, errors.ErrUnsupported) || errors.Is(err, syscall.ENOLCK) {
		return fmt.Errorf("%s is on a file system without file locks (%w), where nothing keeps a second process from writing to the same run; "+
			"put it on a local disk, or mount the file system with locks (Lustre: -o flock; NFS: its lock service)", runDir, err)
	}
	if errors.Is(err, syscall.ELOOP) { // who made the folder may have meant another file to be overwritten
		return fmt.Errorf("%s cannot be locked: its file %s is a link; remove it", runDir, LockFile)
	}
	return fmt.Errorf("%s cannot be locked: %w", runDir, err)
}

func writeHolder(path string) error {
	host, err := os.Hostname()
	if err != nil {
		host = "an unknown host"
	}
	b, err := json.Marshal(holder{Host: host, PID: os.Getpid(), Start: time.Now().UTC().Truncate(time.Second)})
	if err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_TRUNC|syscall.O_NOFOLLOW, 0)
	if err != nil {
		return err
	}
	_, err = f.Write(append(b, '\n'))
	return errors.Join(err, f.Close())
}

// readHolder never fails: the message must come even if the holder is just writing its name.
func readHolder(path string) string {
	const anyone = "another process"
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0) // whatever stands there, nothing waits for it
	if err != nil {
		return anyone
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, 4096)) // a real one has a hundred bytes
	if err != nil {
		return anyone
	}
	if h, ok := parseHolder(b); ok {
		return fmt.Sprintf("process %d on %s since %s", h.PID, h.Host, h.Start.Format(time.RFC3339))
	}
	return anyone
}

// parseHolder takes nothing that could do anything on a terminal but be read.
func parseHolder(b []byte) (h holder, ok bool) {
	if err := json.Unmarshal(b, &h); err != nil || h.PID <= 0 || h.Host == "" || len(h.Host) > 255 {
		return holder{}, false
	}
	return h, printable(h.Host)
}

// printable: s is part of a message, and its bytes come from a file that anyone may have written.
func printable(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) || r == unicode.ReplacementChar })
}
