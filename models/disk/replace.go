package disk

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Unfinished begins the names of files and folders that are being written and have not got their own name yet.
const Unfinished = ".tmp-"

// IsUnfinished tells whether an entry of that name is being written, or was left by a process that ended too early.
func IsUnfinished(name string) bool { return strings.HasPrefix(name, Unfinished) }

// Replace replaces the file at path by data: a reader, also one after a crash, sees the old content or the new. The caller is the only
// writer of that file.
func Replace(path string, data []byte) error { return ReplaceOn(OS, path, data) }

// ReplaceOn is Replace on another file system. The new file lies beside the old one until it is complete, under a name made of the old
// one's, so that one that a crash has left there is replaced the next time.
func ReplaceOn(fsys FS, path string, data []byte) error {
	tmp := filepath.Join(filepath.Dir(path), Unfinished+filepath.Base(path))
	if err := fsys.RemoveAll(tmp); err != nil {
		return err
	}
	f, err := fsys.Create(tmp)
	return finish(fsys, f, err, tmp, path, all(data))
}

// ReplaceBy replaces the file at path by what write writes, for a file that several processes may replace at once: the content of the
// last one stays. The new file has a name that Recover of a run directory leaves alone: its writer may not be the run's.
func ReplaceBy(fsys FS, path string, write func(io.Writer) error) error {
	dir, base := filepath.Split(path)
	f, tmp, err := CreateFree(fsys, func(n int) string {
		return filepath.Join(dir, fmt.Sprintf(".%s.tmp-%d-%d", base, os.Getpid(), n))
	})
	return finish(fsys, f, err, tmp, path, write)
}

// CreateFree makes a file under the first of the names, for n from 0, that is free.
func CreateFree(fsys FS, name func(n int) string) (f File, path string, err error) {
	for n := 0; ; n++ {
		path = name(n)
		if f, err = fsys.Create(path); !errors.Is(err, fs.ErrExist) {
			return f, path, err
		}
	}
}

// finish writes the file f, unless creating it has failed, and moves it from tmp to path. tmp is removed when something fails.
func finish(fsys FS, f File, err error, tmp, path string, write func(io.Writer) error) error {
	if err == nil {
		err = writeSynced(f, write)
	}
	if err == nil {
		err = MoveIn(fsys, tmp, path)
	}
	if err != nil {
		_ = fsys.RemoveAll(tmp)
	}
	return err
}

// MoveIn gives the file tmp, which is complete and synced, its name at path in the same folder, and returns when that is on disk.
func MoveIn(fsys FS, tmp, path string) error {
	if err := fsys.Rename(tmp, path); err != nil {
		return err
	}
	return fsys.SyncDir(filepath.Dir(path))
}

// WriteNew writes a new file and returns when its content is on disk; its name is after SyncDir.
func WriteNew(fsys FS, path string, data []byte) error {
	f, err := fsys.Create(path)
	if err != nil {
		return err
	}
	return writeSynced(f, all(data))
}

func all(data []byte) func(io.Writer) error {
	return func(w io.Writer) error { _, err := w.Write(data); return err }
}

// writeSynced writes f, waits until it is on disk, and closes it.
func writeSynced(f File, write func(io.Writer) error) error {
	err := write(wholly{f})
	if err == nil {
		err = f.Sync()
	}
	if closing := f.Close(); err == nil { // of two errors the first is the cause
		err = closing
	}
	return err
}

// wholly makes a write that stored less than all an error, which some file systems leave out.
type wholly struct{ w io.Writer }

func (w wholly) Write(p []byte) (int, error) {
	n, err := w.w.Write(p)
	if err == nil && n < len(p) {
		err = fmt.Errorf("%w: %d of %d bytes", io.ErrShortWrite, n, len(p))
	}
	return n, err
}
