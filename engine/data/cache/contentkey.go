package cache

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"math"

	"udml-gpu/engine/data"
	"udml-gpu/engine/data/picture"
)

// contentKey is a SHA-256, in hex, of everything that decides the pixels of the set's images and is known without
// reading the images: the recipe, the decoders, the limit of pixels, names, boxes and stamps.
func contentKey(s *data.Set, o Options) string {
	h := sha256.New()
	var b []byte
	text := func(v string) { b = append(binary.LittleEndian.AppendUint64(b, uint64(len(v))), v...) }
	number := func(v uint64) { b = binary.LittleEndian.AppendUint64(b, v) }
	text(o.target().Recipe())
	text(picture.Decoders())
	number(uint64(cmp.Or(o.MaxPixels, picture.DefaultMaxPixels)))
	origin := s.Origin()
	number(uint64(len(origin)))
	for _, at := range origin {
		number(uint64(at.Size))
		number(uint64(at.Mark))
	}
	for i, at := range s.Stamps() {
		item := s.Items[i]
		text(item.Name)
		box := s.Box(i)
		for _, v := range []float64{box.X, box.Y, box.W, box.H} {
			number(math.Float64bits(v))
		}
		number(uint64(at.Size))
		number(uint64(at.Mark))
		h.Write(b)
		b = b[:0]
	}
	return hex.EncodeToString(h.Sum(nil))
}
