package disk

import (
	"errors"
	"io"
	"os"
	"path/filepath"
)

// Update makes the file at path hold data. It writes from the first byte that differs on, into the same file: a program that has it open
// and waits for more sees it grow. It returns when that is on disk. A crash may leave the beginning of the new content, or its length
// with other bytes, until the next Update: it is for files that can be made again. A link is refused (syscall.ELOOP).
func Update(path string, data []byte) error {
	f, err := OpenOwn(path)
	if err != nil {
		return err
	}
	err = update(f, data)
	if closing := f.Close(); err == nil {
		err = closing
	}
	return err
}

func update(f *os.File, data []byte) error {
	info, err := f.Stat()
	if err != nil {
		return err
	}
	same, err := commonStart(f, data)
	if err != nil || same == len(data) && info.Size() == int64(len(data)) {
		return err
	}
	if _, err := f.WriteAt(data[same:], int64(same)); err != nil {
		return err
	}
	if err := f.Truncate(int64(len(data))); err != nil {
		return err
	}
	if err := f.Sync(); err != nil || info.Size() > 0 {
		return err
	}
	return OS.SyncDir(filepath.Dir(f.Name()))
}

// commonStart is how many bytes at the beginning of r are those of data.
func commonStart(r io.Reader, data []byte) (int, error) {
	block := make([]byte, 1<<16)
	for at := 0; ; {
		n, err := io.ReadFull(r, block[:min(len(block), len(data)-at)])
		for i, v := range block[:n] {
			if v != data[at+i] {
				return at + i, nil
			}
		}
		at += n
		switch {
		case errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || at == len(data):
			return at, nil
		case err != nil:
			return at, err
		}
	}
}
