package duplicates

import (
	"context"
	"crypto/sha256"
	"image"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"udml-gpu/engine/data/picture"
)

// seen is what is kept of an image that was decoded.
type seen struct {
	pix    []uint8           // [side,side] in grey
	digest [sha256.Size]byte // of size and pixels; zero: not asked for
}

// looker decodes images of the collection and keeps what is compared: side * side bytes each.
type looker struct {
	image func(i int) (image.Image, error) // nil: there are no images
	told  func(done, total int)            // may be nil

	mu     sync.Mutex
	seen   map[int]*seen // nil of an image that cannot be read
	unread int
}

// look decodes the listed images that were not seen yet, or whose digest is asked for and not known.
func (l *looker) look(ctx context.Context, list []int, digest bool) error {
	list = slices.DeleteFunc(slices.Clone(list), func(i int) bool {
		s, ok := l.seen[i]
		return ok && (s == nil || !digest || s.digest != [sha256.Size]byte{})
	})
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(runtime.GOMAXPROCS(0))
	var done atomic.Int64
	for _, i := range list {
		group.Go(func() error {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			var s *seen
			if im, err := l.image(i); err == nil { // what cannot be read is counted, and is compared by hash alone
				s = lookAt(im, digest)
			}
			l.mu.Lock()
			defer l.mu.Unlock()
			if l.seen[i] = s; s == nil {
				l.unread++
			}
			if l.told != nil {
				l.told(int(done.Add(1)), len(list))
			}
			return nil
		})
	}
	return group.Wait()
}

// lookAt is what is kept of an image.
func lookAt(im image.Image, digest bool) *seen {
	s := &seen{pix: greyPicture(im)}
	if digest {
		s.digest = digestOf(im)
	}
	return s
}

// greyPicture is the image [side,side] in grey.
func greyPicture(im image.Image) []uint8 {
	pix := make([]uint8, side*side)
	picture.NewResizer(picture.Target{Size: side, Channels: 1, ResizeMode: "squash", Interpolation: "lanczos"}).To(pix, im)
	return pix
}

// digestOf is the SHA-256 of size and pixels of an image of package picture: a grey image and one in colours that is grey are equal.
func digestOf(im image.Image) [sha256.Size]byte {
	h := sha256.New()
	at := im.Bounds().Size()
	h.Write([]byte{byte(at.X), byte(at.X >> 8), byte(at.X >> 16), byte(at.Y), byte(at.Y >> 8), byte(at.Y >> 16)})
	row := make([]byte, 3*at.X)
	for y := range at.Y {
		switch im := im.(type) {
		case *image.Gray:
			for x, v := range im.Pix[y*im.Stride:][:at.X] {
				row[3*x], row[3*x+1], row[3*x+2] = v, v, v
			}
		case *image.RGBA:
			p := im.Pix[y*im.Stride:][:4*at.X]
			for x := range at.X {
				copy(row[3*x:3*x+3], p[4*x:])
			}
		default:
			panic("an image is neither *image.Gray nor *image.RGBA")
		}
		h.Write(row)
	}
	return [sha256.Size]byte(h.Sum(nil))
}

// matchOf is the better correlation of two pictures [side,side], each laid over the other: a crop has no place for what is cut off, so
// that one of the two directions may fail.
func matchOf(a, b []uint8, atLeast float64) float64 {
	x, y := levels(a), levels(b)
	m := matching(x, y, atLeast)
	if m < atLeast {
		m = max(m, matching(y, x, atLeast))
	}
	return m
}

// Match is how well two images of package picture, laid over each other, correlate, from -1 to 1; less exactly where that is below atLeast.
func Match(a, b image.Image, atLeast float64) float64 {
	return matchOf(greyPicture(a), greyPicture(b), atLeast)
}

// verify gives the pairs of the list that pass the check: their hashes differ in at most hashBits bits, which search has seen to, and
// their pictures match. Where the picture of either is missing, the hashes may differ in strictBits. The images must have been seen.
func (f *finder) verify(ctx context.Context, pairs []pair) (passed, refused []pair, err error) {
	ok := make([]bool, len(pairs))
	pairs = slices.Clone(pairs)
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(runtime.GOMAXPROCS(0))
	const chunk = 256
	for lo := 0; lo < len(pairs); lo += chunk {
		group.Go(func() error {
			for k := lo; k < min(lo+chunk, len(pairs)); k++ {
				ok[k] = f.passes(&pairs[k])
			}
			return ctx.Err()
		})
	}
	if err := group.Wait(); err != nil {
		return nil, nil, err
	}
	for k, p := range pairs {
		if ok[k] {
			passed = append(passed, p)
		} else {
			refused = append(refused, p)
		}
	}
	return passed, refused, nil
}

// passes sets the pair's match and tells whether it passes the check.
func (f *finder) passes(p *pair) bool {
	a, b := f.looker.seen[int(p.a)], f.looker.seen[int(p.b)]
	if a == nil || b == nil {
		return hashDistance(&f.c.Items[p.a], &f.c.Items[p.b]) <= min(strictBits, f.hashBits)
	}
	p.match = float32(matchOf(a.pix, b.pix, f.o.Match))
	return float64(p.match) >= f.o.Match
}

// imagesOf are the items of the pairs, ascending.
func imagesOf(pairs []pair) []int {
	list := make([]int, 0, 2*len(pairs))
	for _, p := range pairs {
		list = append(list, int(p.a), int(p.b))
	}
	slices.Sort(list)
	return slices.Compact(list)
}
