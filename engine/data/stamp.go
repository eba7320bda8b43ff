package data

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"io/fs"
	"math"
	"os"
	"path/filepath"
)

// stamp tells one content of a file from another without reading it.
type stamp struct {
	size int64
	mark int64 // the time of the last change in ns; of an archive's entry, its checksum or its place
}

func stampOf(info fs.FileInfo) stamp { return stamp{info.Size(), info.ModTime().UnixNano()} }

func (f folder) stamp(name string) (stamp, error) {
	info, err := os.Stat(filepath.Join(string(f), filepath.FromSlash(name)))
	if err != nil {
		return stamp{}, err
	}
	return stampOf(info), nil
}

// origin is none: a folder's own time says nothing about the files below it.
func (f folder) origin() []stamp { return nil }

func (a *zipFiles) stamp(name string) (stamp, error) {
	f := a.entries[name]
	if f == nil {
		return stamp{}, fs.ErrNotExist
	}
	return stamp{int64(f.UncompressedSize64), int64(f.CRC32)}, nil
}

func (a *zipFiles) origin() []stamp { return []stamp{a.whole} }

func (t *tarFiles) stamp(name string) (stamp, error) {
	e, ok := t.entries[name]
	if !ok {
		return stamp{}, fs.ErrNotExist
	}
	return stamp{e.size, e.at}, nil
}

func (t *tarFiles) origin() []stamp { return []stamp{t.whole} }

func (p *packed) stamp(name string) (stamp, error) {
	files, name := p.find(name)
	return files.stamp(name)
}

// origin is that of all the archives.
func (p *packed) origin() []stamp {
	all := p.opener.origin()
	for _, m := range p.inside {
		all = append(all, m.files.origin()...)
	}
	return all
}

// stamps are those of all items; a file that is not there has size -1.
func (s *Set) stamps() []stamp {
	all := make([]stamp, len(s.Items))
	spread(len(all), func(i int) {
		at, err := s.files.stamp(s.Items[i].Name)
		if err != nil {
			at = stamp{size: -1}
		}
		all[i] = at
	})
	return all
}

// contentKey is a SHA-256, in hex, of all that decides the pixels of the set's images, as far as it can be told without
// reading the images: the recipe, the decoders, the limit of pixels, names, boxes and stamps.
func (s *Set) contentKey(o CacheOptions) string {
	h := sha256.New()
	var b []byte
	text := func(v string) { b = append(binary.LittleEndian.AppendUint64(b, uint64(len(v))), v...) }
	number := func(v uint64) { b = binary.LittleEndian.AppendUint64(b, v) }
	text(o.Recipe())
	text(decoders())
	number(uint64(cmp.Or(o.MaxPixels, DefaultMaxPixels)))
	origin := s.files.origin()
	number(uint64(len(origin)))
	for _, at := range origin {
		number(uint64(at.size))
		number(uint64(at.mark))
	}
	for i, at := range s.stamps() {
		item := s.Items[i]
		text(item.Name)
		for _, v := range []float64{item.Box.X, item.Box.Y, item.Box.W, item.Box.H} {
			number(math.Float64bits(v))
		}
		number(uint64(at.size))
		number(uint64(at.mark))
		h.Write(b)
		b = b[:0]
	}
	return hex.EncodeToString(h.Sum(nil))
}
