package disk

import (
	"errors"
	"io"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"testing/iotest"
)

// TestOpen: a regular file or a link to one is opened; a folder, a pipe without a writer, a socket and a device are refused at once.
func TestOpen(t *testing.T) {
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	err := errors.Join(os.WriteFile(at("file"), []byte("text"), 0o666), os.Symlink("file", at("link")), os.Symlink("none", at("broken")),
		os.Mkdir(at("folder"), 0o777), syscall.Mkfifo(at("pipe"), 0o666))
	if err != nil {
		t.Fatal(err)
	}
	socket, err := net.Listen("unix", at("socket"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = socket.Close() }()
	for _, name := range []string{"file", "link"} {
		f, info, err := Open(at(name))
		if err != nil || info.Size() != 4 {
			t.Fatalf("%s: %v", name, err)
		}
		if b, err := io.ReadAll(f); string(b) != "text" || err != nil {
			t.Errorf("%s holds %q, %v", name, b, err)
		}
		f.Close()
	}
	for _, path := range []string{at("folder"), at("pipe"), "/dev/null"} {
		if _, _, err := Open(path); !errors.Is(err, ErrNotRegular) || err.Error() != path+" is not a regular file" {
			t.Errorf("%s: error %v", path, err)
		}
	}
	if _, _, err := Open(at("socket")); err == nil {
		t.Error("a socket was opened")
	}
	for _, name := range []string{"none", "broken"} {
		if _, _, err := Open(at(name)); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: error %v", name, err)
		}
	}
	if f, err := OS.Open(at("folder")); f != nil || err == nil {
		t.Errorf("OS opens a folder: %v, %v", f, err)
	}
}

// TestOpenOwn: the file is created, or opened with its content; a link is refused, wherever it leads, and so is anything but a file.
func TestOpenOwn(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "lock")
	for _, want := range []string{"", "text"} {
		f, err := OpenOwn(path)
		if err != nil {
			t.Fatal(err)
		}
		if b, err := io.ReadAll(f); string(b) != want || err != nil {
			t.Errorf("%q, %v; want %q", b, err, want)
		}
		if _, err := f.WriteAt([]byte("text"), 0); err != nil {
			t.Error(err)
		}
		f.Close()
	}
	link, pipe := filepath.Join(dir, "link"), filepath.Join(dir, "pipe")
	if err := errors.Join(os.Symlink("elsewhere", link), syscall.Mkfifo(pipe, 0o666)); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenOwn(link); !errors.Is(err, syscall.ELOOP) {
		t.Errorf("a link: %v", err)
	}
	if _, err := os.Lstat(filepath.Join(dir, "elsewhere")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the file at the link's end: %v", err)
	}
	if _, err := OpenOwn(pipe); !errors.Is(err, ErrNotRegular) {
		t.Errorf("a pipe: %v", err)
	}
}

// TestReadAtMost: the limit holds whatever size is claimed, and a claim allocates nothing.
func TestReadAtMost(t *testing.T) {
	text := strings.Repeat("x", 3000)
	for _, claimed := range []int64{-1, 0, 10, 3000, 1 << 40} {
		for _, limit := range []int64{0, 2999, 3000, 3001, 1 << 41} {
			b, err := ReadAtMost(iotest.HalfReader(strings.NewReader(text)), claimed, limit)
			if short := limit < 3000 || claimed > limit; short != errors.Is(err, ErrTooLong) ||
				!short && (err != nil || string(b) != text) {
				t.Errorf("claimed %d, limit %d: %d bytes, %v", claimed, limit, len(b), err)
			}
		}
	}
	if _, err := ReadAtMost(iotest.ErrReader(syscall.EIO), 0, 10); !errors.Is(err, syscall.EIO) {
		t.Errorf("error %v", err)
	}
	if b, err := ReadAtMost(strings.NewReader(""), 0, 0); len(b) != 0 || err != nil {
		t.Errorf("nothing is %q, %v", b, err)
	}
}
