package preset

import (
	"context"
	"image"
	"slices"

	"golang.org/x/sync/errgroup"

	"udml-gpu/engine/data"
	"udml-gpu/engine/data/archive"
	"udml-gpu/engine/data/cache"
	"udml-gpu/engine/data/picture"
	"udml-gpu/kernels/rng"
)

// The limits of a look, which keep it to about a second. Each is one of numbers, not of time, so that the same data are always seen alike.
const (
	mostLooked  = 1000       // images whose header is read
	mostFetched = 100        // the same of a store, from which each takes a round trip
	mostBytes   = 128 << 20  // of the files that are read
	mostDecoded = 100        // images that are decoded
	mostPixels  = 24_000_000 // that are decoded
)

// Options are the limits of a look that depend on the run.
type Options struct {
	Most      int   // images that are looked at
	Size      int   // the size that the run would have, for Facts.Small
	MaxPixels int64 // see picture.Decode
	Workers   int
}

// Facts are what a look at a data set has seen.
type Facts struct {
	Images   int     `json:"images"`   // of the set
	Sized    int     `json:"sized"`    // images whose size was read
	Side     int     `json:"side"`     // median of their shorter sides, in pixels; 0: none was read
	Size     int     `json:"size"`     // of Options
	Small    float64 `json:"small"`    // share of them whose shorter side is below Size
	Decoded  int     `json:"decoded"`  // images whose pixels were seen
	Colour   float64 `json:"colour"`   // share of these that have colours
	Extreme  float64 `json:"extreme"`  // median over these of the share of pixels that are nearly black or white
	Drawings float64 `json:"drawings"` // share of these that are line drawings (marks.drawing)
}

// Look looks at images of the set that are drawn by a key of its own, whatever the seed of the run: runs that differ in their seed have the
// same settings. Images that cannot be read are left out. The error is that of ctx, or of a store that does not deliver an image.
func Look(ctx context.Context, set *data.Set, o Options) (Facts, error) {
	defer context.AfterFunc(ctx, func() { archive.Interrupt(set.Files) })()
	chosen := within(set, rng.Key{Op: rng.OpSubset}.Permutation(len(set.Items)), o.Most)
	all := make([]seen, len(chosen))
	err := spread(ctx, o.Workers, len(all), func(i int) (err error) {
		all[i], err = head(set, int(chosen[i]), i < mostDecoded, o.MaxPixels)
		return err
	})
	if err != nil {
		return Facts{}, err
	}
	decoded := toDecode(all)
	found := make([]*marks, len(decoded))
	err = spread(ctx, o.Workers, len(found), func(i int) error {
		found[i] = decode(set, int(chosen[decoded[i]]), all[decoded[i]].raw, o.MaxPixels)
		return nil
	})
	if err != nil {
		return Facts{}, err
	}
	f := Facts{Images: len(set.Items), Size: o.Size}
	f.sizes(all)
	f.pixels(slices.DeleteFunc(found, func(m *marks) bool { return m == nil }))
	return f, nil
}

// within are the first of the order, at most so many and of so many bytes together; one at least, if there is one.
func within(set *data.Set, order []int32, most int) []int32 {
	order = order[:min(most, len(order))]
	bytes := int64(0)
	for i, item := range order {
		stamp, err := set.Files.Stamp(set.Items[item].Name)
		if err == nil {
			bytes += stamp.Size
		}
		if bytes > mostBytes && i > 0 {
			return order[:i]
		}
	}
	return order
}

// seen is what the header of an image says, and the file if its pixels may be wanted.
type seen struct {
	size image.Point // of what is used of the image; zero: it cannot be read
	file image.Point // of the file
	raw  []byte
}

// head reads the header of item i. The error is that of a store.
func head(set *data.Set, i int, keep bool, maxPixels int64) (seen, error) {
	raw, err := set.ReadImage(i)
	if err != nil {
		return seen{}, cache.Lost(err)
	}
	size, err := picture.Size(raw, maxPixels)
	if err != nil {
		return seen{}, nil //nolint:nilerr // it is left out
	}
	s := seen{size: size, file: size}
	if b := set.Box(i); b != (picture.Box{}) {
		s.size = image.Pt(int(b.W), int(b.H))
	}
	if keep {
		s.raw = raw
	}
	return s, nil
}

// toDecode are the indices of the images whose pixels are looked at.
func toDecode(all []seen) (list []int) {
	pixels := 0
	for i, s := range all {
		if s.raw == nil {
			continue
		}
		if pixels += s.file.X * s.file.Y; pixels > mostPixels && len(list) > 0 {
			break
		}
		list = append(list, i)
	}
	return list
}

// decode is what the pixels of item i show; nil where it cannot be decoded.
func decode(set *data.Set, i int, raw []byte, maxPixels int64) *marks {
	im, err := picture.Decode(raw, maxPixels)
	if err == nil {
		im, err = set.Box(i).Crop(im)
	}
	if err != nil {
		return nil
	}
	m := marksOf(im)
	return &m
}

// sizes sets what headers say.
func (f *Facts) sizes(all []seen) {
	var sides []int
	for _, s := range all {
		if s.size != (image.Point{}) {
			sides = append(sides, min(s.size.X, s.size.Y))
		}
	}
	if f.Sized = len(sides); f.Sized == 0 {
		return
	}
	slices.Sort(sides)
	f.Side = sides[len(sides)/2]
	below, _ := slices.BinarySearch(sides, f.Size)
	f.Small = float64(below) / float64(len(sides))
}

// pixels sets what pixels show.
func (f *Facts) pixels(list []*marks) {
	if f.Decoded = len(list); f.Decoded == 0 {
		return
	}
	var extremes []float64
	for _, m := range list {
		extremes = append(extremes, m.extreme)
		f.Colour += count(m.colour) / float64(len(list))
		f.Drawings += count(m.drawing()) / float64(len(list))
	}
	slices.Sort(extremes)
	f.Extreme = extremes[len(extremes)/2]
}

func count(yes bool) float64 {
	if yes {
		return 1
	}
	return 0
}

// spread calls f(0) to f(n-1) from several goroutines. The error is that of ctx, or one of f.
func spread(ctx context.Context, workers, n int, f func(i int) error) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(max(1, workers))
	for i := range n {
		group.Go(func() error {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			return f(i)
		})
	}
	return group.Wait()
}
