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

// Unfinished is the beginning of the names of files and folders that are being written.
const Unfinished = ".tmp-"

// IsUnfinished tells whether an entry with that name is being written, or was left by a process that was killed.
func IsUnfinished(name string) bool { return strings.HasPrefix(name, Unfinished) }

// Replace replaces the file at path by data: readers see either the old content or the new, also after a crash. The caller must be the
// only writer of that file.
func Replace(path string, data []byte) error { return ReplaceOn(OS, path, data) }

// ReplaceOn is Replace on another file system. Until it is complete, the new file has a name beside the old one that depends on
// the old name, so that one left by a crash is replaced the next time.
func ReplaceOn(fsys FS, path string, data []byte) error {
	tmp := filepath.Join(filepath.Dir(path), Unfinished+filepath.Base(path))
	if err := fsys.RemoveAll(tmp); err != nil {
		return err
	}
	return writeAside(fsys, path, all(data), func() (File, string, error) {
		f, err := fsys.Create(tmp)
		return f, tmp, err
	})
}

// ReplaceBy replaces the file at path by the output of write. Several processes may replace it at once: the last one's content
// stays. Recover of a run directory leaves the new file's temporary name alone, because its writer may not be the run's.
func ReplaceBy(fsys FS, path string, write func(io.Writer) error) error {
	dir, base := filepath.Split(path)
	return writeAside(fsys, path, write, func() (File, string, error) {
		return CreateFree(fsys, func(n int) string {
			return filepath.Join(dir, fmt.Sprintf(".%s.tmp-%d-%d", base, os.Getpid(), n))
		})
	})
}

// CreateFree creates a file with the first free one of the names, for n from 0.
func CreateFree(fsys FS, name func(n int) string) (f File, path string, err error) {
	for n := 0; ; n++ {
		path = name(n)
		if f, err = fsys.Create(path); !errors.Is(err, fs.ErrExist) {
			return f, path, err
		}
	}
}

// writeAside writes the file that create opens under a name of its own, and moves it from there to path. It is removed on an error.
func writeAside(fsys FS, path string, write func(io.Writer) error, create func() (File, string, error)) (err error) {
	var f File
	var tmp string
	end, err := beginTracked(fsys, func() (string, error) {
		f, tmp, err = create()
		return tmp, err
	})
	defer end()
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

// MoveIn renames the complete and synced file tmp to path in the same folder, and returns when that is on disk.
func MoveIn(fsys FS, tmp, path string) error {
	if err := fsys.Rename(tmp, path); err != nil {
		return err
	}
	return fsys.SyncDir(filepath.Dir(path))
}

// WriteNew writes a new file and returns when its content is on disk; its name is on disk after SyncDir.
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
	err := write(fullWriter{f})
	if err == nil {
		err = f.Sync()
	}
	if closing := f.Close(); err == nil { // of two errors, return the first
		err = closing
	}
	return err
}

// fullWriter makes a short write an error, which some file systems fail to report.
type fullWriter struct{ w io.Writer }

func (w fullWriter) Write(p []byte) (int, error) {
	n, err := w.w.Write(p)
	if err == nil && n < len(p) {
		err = fmt.Errorf("%w: %d of %d bytes", io.ErrShortWrite, n, len(p))
	}
	return n, err
}
