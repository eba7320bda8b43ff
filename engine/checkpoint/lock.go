package checkpoint

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

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
// left half done. If another process holds it, the error says which.
func Lock(runDir string) (release func() error, err error) {
	path := filepath.Join(runDir, LockFile)
	l := flock.New(path, flock.SetFlag(os.O_CREATE|os.O_RDWR), flock.SetPermissions(0o666))
	ok, err := l.TryLock()
	if err != nil {
		return nil, fmt.Errorf("%s cannot be locked: %w", runDir, err)
	}
	if !ok {
		return nil, fmt.Errorf("%s is in use by %s", runDir, readHolder(path))
	}
	if err = writeHolder(path); err == nil {
		err = recoverFolder(filepath.Join(runDir, folder))
	}
	if err != nil {
		l.Unlock()
		return nil, err
	}
	return l.Unlock, nil
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
	return os.WriteFile(path, append(b, '\n'), 0o666)
}

// readHolder never fails: the message must come even if the holder is just writing its name.
func readHolder(path string) string {
	var h holder
	f, err := os.Open(path)
	if err == nil {
		var b []byte
		b, err = io.ReadAll(io.LimitReader(f, 4096))
		f.Close()
		if err == nil {
			err = json.Unmarshal(b, &h)
		}
	}
	if err != nil || h.PID == 0 {
		return "another process"
	}
	return fmt.Sprintf("process %d on %s since %s", h.PID, h.Host, h.Start.Format(time.RFC3339))
}
