// Package duplicates finds the duplicates in a collection: files with the same bytes, images with the same pixels, and images that look
// alike. It reads; nothing is moved or deleted.
//
// Near pairs come from the vectors: all pairs whose cosine similarity reaches a threshold and whose perceptual hashes do not differ in
// too many bits; their pictures, laid over each other, must then correlate. The threshold is proposed from copies that are made of a
// sample of the images, and from the sample's own neighbours. Groups are of complete linkage.
//
// Memory beyond the vectors and items: 4 MiB for a block of similarities, 48 bytes for each of at most 500,000 pairs, and 2.3 KiB for
// each image that is decoded. Time N^2 D / 2.
package duplicates

import (
	"context"
	"slices"

	"udml-gpu/engine/collection"
	"udml-gpu/engine/collection/pictures"
	"udml-gpu/engine/data/baddata"
	"udml-gpu/engine/data/rawname"
	"udml-gpu/engine/images"
	"udml-gpu/engine/report"
	"udml-gpu/engine/setting"
)

// Options say what counts as a duplicate, and which of a group to keep.
type Options struct {
	Kinds     []Kind   // nil: all
	Threshold *float64 // smallest similarity of near pairs; nil: proposed
	HashBits  int      // largest distance of hashes; negative: 24 where pictures are compared, 10 otherwise
	Match     float64  // smallest correlation of pictures
	Keep      Order
	Model     bool // the network may be used for the proposal
	Overlay   func(setting.Config) (setting.Config, error)
	UI        images.UI
}

// DefaultMatch is the usual smallest correlation of the pictures of near pairs. docs/duplicates.md has the figures behind it.
const DefaultMatch = 0.95

// Of hashes: looseBits where pictures are compared as well, since a crop of 8 % changes up to 22 bits; strictBits where they are not.
const looseBits, strictBits = 24, 10

// Pairs that may have the same pixels: the network saw the same picture but for rounding, and for decoders that skip detail.
const pixelSimilarity, pixelBits = 0.9, 4

// finder is the work of Find.
type finder struct {
	c        *collection.Collection
	o        Options
	order    Order
	hashBits int
	looker   *looker
	expected *expected // nil: the threshold does not come from copies
	report   *Report
}

// Find finds the duplicates among the images of c that are not gone. pics are the images; nil: they are not there, which leaves out the
// class of the same pixels, the comparison of pictures, and copies for the proposal. Errors are *baddata.Error, or the network's.
func Find(ctx context.Context, c *collection.Collection, pics *pictures.Pictures, o Options) (*Report, error) {
	f := &finder{
		c: c, o: o, order: o.Keep, hashBits: o.HashBits, looker: &looker{seen: map[int]*seen{}, told: o.UI.Loading},
		report: &Report{
			Collection: rawname.Text(c.Path), Groups: []Group{}, Notes: []Note{}, Histogram: []Bin{}, Between: []Pair{},
			Thresholds: []Level{},
		},
	}
	if pics != nil {
		f.looker.image = pics.Image
	}
	if f.hashBits < 0 {
		f.hashBits = looseBits
		if pics == nil {
			f.hashBits = strictBits
		}
	}
	live := c.Live()
	f.report.Images = len(live)
	if len(live) == 0 {
		return nil, baddata.Errorf("%s holds no images: udml-gpu embed --update %s brings it up to date", c.Path, c.Path)
	}
	unique := f.sameBytes(live)
	if err := f.findAlike(ctx, unique); err != nil {
		return nil, err
	}
	if n := f.looker.unread; n > 0 {
		f.report.note(report.Count(n, "image") + " could not be read any more and were compared by their hashes alone")
	}
	f.report.HashBits = f.hashBits
	if pics != nil {
		f.report.Match = o.Match
	}
	f.report.count()
	return f.report, nil
}

// wants tells whether the kind is asked for.
func (f *finder) wants(k Kind) bool { return f.o.Kinds == nil || slices.Contains(f.o.Kinds, k) }

// findAlike adds the groups of the same pixels and of near images, of files that differ.
func (f *finder) findAlike(ctx context.Context, unique []int) error {
	near, pixels := f.wants(Near), f.wants(Pixels) && f.looker.image != nil
	if f.wants(Pixels) && !pixels {
		f.report.note("the images are not there: same pixels in other files cannot be told from near ones")
	}
	if !near && !pixels {
		return nil
	}
	threshold := 1.0
	if near {
		if err := f.propose(ctx, unique); err != nil {
			return err
		}
		threshold = f.report.Threshold
	}
	floor, hashBits := min(threshold-edgeDepth, pixelSimilarity), f.hashBits
	if !near {
		floor, hashBits = pixelSimilarity, pixelBits
	}
	pairs, cut := f.search(unique, floor, max(hashBits, pixelBits))
	f.tellCut(pairs, cut)
	if pixels {
		var err error
		if pairs, err = f.samePixels(ctx, pairs); err != nil {
			return err
		}
	}
	if near {
		if cut {
			floor = pairs[len(pairs)-1].similarity
		}
		return f.near(ctx, pairs, threshold, floor)
	}
	return nil
}

// near adds the groups of near images. pairs are all whose similarity reaches floor.
func (f *finder) near(ctx context.Context, pairs []pair, threshold, floor float64) error {
	pairs = slices.DeleteFunc(pairs, func(p pair) bool {
		return hashDistance(&f.c.Items[p.a], &f.c.Items[p.b]) > f.hashBits
	})
	above := reaching(pairs, threshold)
	if f.looker.image != nil {
		if err := f.looker.look(ctx, imagesOf(pairs[:above]), false); err != nil {
			return err
		}
	}
	passed, refused, err := f.verify(ctx, pairs[:above])
	if err != nil {
		return err
	}
	f.report.Counts.Pairs, f.report.near = len(passed), passed
	groupOf := map[int]int{}
	for _, list := range linked(passed) {
		f.report.Groups = append(f.report.Groups, f.group(Near, list))
		for _, i := range list {
			groupOf[i] = len(f.report.Groups)
		}
	}
	f.between(passed, groupOf)
	nearly, reach, err := f.nearly(ctx, pairs[above:], floor)
	if err != nil {
		return err
	}
	f.edge(passed, refused, nearly)
	f.report.Thresholds = f.levels(slices.Concat(passed, nearly), reach)
	return nil
}
