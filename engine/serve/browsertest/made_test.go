//go:build browser

// Package browsertest drives the page of serve in a real browser: as a user does, with the mouse, with the keyboard alone, on a link. It
// needs Chromium, and the file of axe-core that UDML_AXE names; make test-browser fetches both.
package browsertest

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	"image/png"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"udml-gpu/kernels/rng"
)

const (
	classes  = 4
	perClass = 30
	pixels   = 64
	images   = classes*perClass + 1 // and a copy of one
	patience = time.Minute          // for what takes a second on a quiet machine
)

// program and collection are made once; photos are the images of the collection, empty is a collection without groups, map and duplicates.
var program, photos, collection, empty string

func TestMain(m *testing.M) {
	code, err := withCollection(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

func withCollection(m *testing.M) (int, error) {
	dir, err := os.MkdirTemp("", "udml-browser-*")
	if err != nil {
		return 1, err
	}
	defer func() { _ = os.RemoveAll(dir) }() // a leftover in the folder of temporary files
	program, photos = filepath.Join(dir, "udml-gpu"), filepath.Join(dir, "photos")
	collection, empty = filepath.Join(dir, "photos.udml"), filepath.Join(dir, "plain.udml")
	if err := run("go", "build", "-o", program, "udml-gpu/cmd/udml-gpu"); err != nil {
		return 1, err
	}
	if err := makePhotos(photos); err != nil {
		return 1, err
	}
	embed := []string{"embed", "--data", photos, "--backbone", "conv4", "--pretrained=false", "--size", "32", "--layer", "pooled", "--out"}
	for _, args := range [][]string{
		append(embed, collection), append(embed, empty),
		{"cluster", collection, "--k", "4"},
		{"duplicates", collection},
		{"map", collection},
	} {
		if err := run(program, args...); err != nil {
			return 1, err
		}
	}
	stop, err := openBrowser()
	if err != nil {
		return 1, err
	}
	defer stop()
	return m.Run(), nil
}

func run(name string, args ...string) error {
	cmd := exec.Command(name, args...)
	cmd.Env = append(os.Environ(), "UDML_LIBCUDA=none")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s %s: %w\n%s", name, strings.Join(args, " "), err, out)
	}
	return nil
}

// makePhotos writes classNN/NNN.png, stripes whose colour and width tell the class, and a copy of the first one.
func makePhotos(dir string) error {
	for class := range classes {
		sub := filepath.Join(dir, fmt.Sprintf("class%02d", class))
		if err := os.MkdirAll(sub, 0o777); err != nil {
			return err
		}
		for n := range perClass {
			var b bytes.Buffer
			if err := png.Encode(&b, photo(class, n)); err != nil {
				return err
			}
			content := dated(b.Bytes(), takenAt(class, n))
			names := []string{filepath.Join(sub, fmt.Sprintf("%03d.png", n))}
			if class == 0 && n == 0 {
				names = append(names, filepath.Join(sub, "copy.png"))
			}
			for _, name := range names {
				if err := os.WriteFile(name, content, 0o666); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// takenAt is when an image was taken: those of class 1 in 2023, those of class 2 in two months of 2024, the others at no known time.
func takenAt(class, n int) string {
	return []string{"", "2023:02:03 04:05:06", fmt.Sprintf("2024:%02d:06 07:08:09", 5+n%2), ""}[class]
}

// dated gives a PNG file EXIF data with a date.
func dated(b []byte, taken string) []byte {
	if taken == "" {
		return b
	}
	const head = 8 + 4 + 4 + 13 + 4 // of a PNG file: the signature and the first chunk
	exif := []byte("II*\x00\x08\x00\x00\x00\x01\x00\x32\x01\x02\x00\x14\x00\x00\x00\x1a\x00\x00\x00\x00\x00\x00\x00" + taken + "\x00")
	chunk := append([]byte("eXIf"), exif...)
	out := binary.BigEndian.AppendUint32(slices.Clone(b[:head]), uint32(len(exif)))
	out = binary.BigEndian.AppendUint32(append(out, chunk...), crc32.ChecksumIEEE(chunk))
	return append(out, b[head:]...)
}

func photo(class, n int) image.Image {
	im := image.NewRGBA(image.Rect(0, 0, pixels, pixels*3/4))
	key := rng.Key{Sample: uint32(class*perClass + n), Op: rng.OpBench}
	shift := key.At(0)
	for y := range pixels * 3 / 4 {
		for x := range pixels {
			noise := key.At(uint32(1 + y*pixels + x))
			at := x*(class%2) + y*(1-class%2) + int(shift[0]%16)
			v := uint8(noise[0] % 60)
			if at/(3+2*class)%2 == 0 {
				v += 150
			}
			im.SetRGBA(x, y, color.RGBA{v, uint8(60 * class), 255 - v, 255})
		}
	}
	return im
}

// server is the program itself, so that it can be stopped and started again at the same address.
type server struct {
	t    *testing.T
	addr string
	args []string
	cmd  *exec.Cmd
	out  *shared
}

// shared is what a program has written, also while it runs.
type shared struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *shared) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(b)
}

func (s *shared) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

// serveCollection starts the server on a free port and waits until it is ready.
func serveCollection(t *testing.T, path string, args ...string) *server {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &server{t: t, addr: l.Addr().String(), args: append([]string{"serve", path}, args...)}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	s.start()
	t.Cleanup(s.stop)
	return s
}

func (s *server) url() string { return "http://" + s.addr + "/" }

func (s *server) start() {
	s.t.Helper()
	s.cmd = exec.Command(program, append(s.args, "--addr", s.addr)...)
	s.cmd.Env = append(os.Environ(), "UDML_LIBCUDA=none")
	s.out = &shared{}
	s.cmd.Stdout, s.cmd.Stderr = s.out, s.out
	if err := s.cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	for begun := time.Now(); !s.ready(); time.Sleep(20 * time.Millisecond) {
		if time.Since(begun) > patience {
			s.stop()
			s.t.Fatalf("the server did not start: %s", s.out)
		}
	}
}

func (s *server) ready() bool {
	ctx, cancel := context.WithTimeout(s.t.Context(), time.Second)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, s.url()+"readyz", nil)
	if err != nil {
		return false
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return false
	}
	answer.Body.Close()
	return answer.StatusCode == http.StatusOK
}

// stop kills the server; connections that are open break.
func (s *server) stop() {
	if s.cmd != nil {
		_ = s.cmd.Process.Kill() // it may have ended by itself
		_ = s.cmd.Wait()         // which says that it was killed
		s.cmd = nil
	}
}
