package train

import (
	"encoding/binary"
	"math"
	"os"

	"udml-gpu/engine/data/baddata"
	"udml-gpu/models/disk"
)

// shelf holds float32s by their position: in memory, or in a file without a name, which disappears with the process.
type shelf struct {
	mem  []float32
	file *os.File
	buf  []byte // of the file's last access
}

// newShelf makes room for n numbers: in memory up to inMemory bytes, else in a file in folder, whose space is taken at once.
func newShelf(n, inMemory int64, folder string) (*shelf, error) {
	if 4*n <= inMemory {
		return &shelf{mem: make([]float32, n)}, nil
	}
	f, err := disk.Unnamed(folder, ".kept-*")
	if err == nil {
		if err = (disk.OSFile{File: f}).Reserve(4 * n); err != nil {
			_ = f.Close() // it holds nothing
		}
	}
	if err != nil {
		return nil, baddata.Errorf("what the frozen backbone makes of the images takes %.1f GiB beside the run in %s, and there is "+
			"no room for it: %w; a smaller --size or more space on that disk helps", float64(4*n)/(1<<30), folder, err)
	}
	return &shelf{file: f}, nil
}

// put stores the numbers from position at on.
func (s *shelf) put(at int64, v []float32) error {
	if s.file == nil {
		copy(s.mem[at:], v)
		return nil
	}
	s.buf = s.buf[:0]
	for _, x := range v {
		s.buf = binary.LittleEndian.AppendUint32(s.buf, math.Float32bits(x))
	}
	_, err := s.file.WriteAt(s.buf, 4*at)
	return err
}

// take reads the numbers from position at on into dst.
func (s *shelf) take(dst []float32, at int64) error {
	if s.file == nil {
		copy(dst, s.mem[at:])
		return nil
	}
	if n := 4 * len(dst); cap(s.buf) < n {
		s.buf = make([]byte, n)
	}
	b := s.buf[:4*len(dst)]
	if _, err := s.file.ReadAt(b, 4*at); err != nil {
		return err
	}
	for i := range dst {
		dst[i] = math.Float32frombits(binary.LittleEndian.Uint32(b[4*i:]))
	}
	return nil
}

func (s *shelf) close() {
	if s.file != nil {
		_ = s.file.Close() // nothing of it is read any more
	}
}
