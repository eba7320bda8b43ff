package disk

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// TestUpdate: the file ends with the new content, whatever it held, and is the same file for one who has it open.
func TestUpdate(t *testing.T) {
	long := bytes.Repeat([]byte("0123456789abcdef"), 10_000)
	torn, bad := long[:70_001], bytes.Clone(long)
	bad[100_000] = 'x'
	path := filepath.Join(t.TempDir(), "file")
	if err := Update(path, nil); err != nil {
		t.Fatal(err)
	}
	reader, _, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	for i, was := range [][]byte{nil, torn, bad, long, append(bytes.Clone(long), "more"...), append([]byte("x"), long...)} {
		if err := os.WriteFile(path, was, 0o666); err != nil {
			t.Fatal(err)
		}
		if err := Update(path, long); err != nil {
			t.Fatal(err)
		}
		got := make([]byte, len(long)+1)
		n, _ := reader.ReadAt(got, 0)
		if !bytes.Equal(got[:n], long) {
			t.Errorf("case %d: %d bytes", i, n)
		}
	}
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(path, link); err != nil {
		t.Fatal(err)
	}
	if err := Update(link, nil); !errors.Is(err, syscall.ELOOP) {
		t.Errorf("a link: %v", err)
	}
	if err := Update(filepath.Join(t.TempDir(), "none", "file"), long); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no folder: %v", err)
	}
}

// counting is a reader that counts the bytes that are asked of it.
type counting struct {
	*bytes.Reader
	asked int
}

func (c *counting) Read(p []byte) (int, error) {
	c.asked += len(p)
	return c.Reader.Read(p)
}

// A file that someone has made huge is read only as far as it could be right.
func TestCommonStart(t *testing.T) {
	r := &counting{Reader: bytes.NewReader(bytes.Repeat([]byte("a"), 1<<20))}
	if n, err := commonStart(r, []byte("aaab")); n != 3 || err != nil || r.asked > 4 {
		t.Errorf("%d, %v, %d bytes asked for", n, err, r.asked)
	}
	if n, err := commonStart(r, nil); n != 0 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
}
