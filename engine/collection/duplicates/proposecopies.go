package duplicates

import (
	"context"
	"image"
	"math"
	"math/bits"
	"runtime"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"

	"udml-gpu/engine/collection"
	"udml-gpu/engine/data/baddata"
	"udml-gpu/engine/data/picture"
	"udml-gpu/engine/inference"
	"udml-gpu/engine/run"
	"udml-gpu/engine/setting"
	"udml-gpu/kernels/rng"
)

// copied is what the search would measure between two images of which one is a copy of the other, or both of a third.
type copied struct {
	similarity float64
	hashBits   int
	match      float64
}

// proposeFromCopies makes copies of the sample's images and embeds them as the collection's images were. done is false where no image
// of the sample can be read.
func (f *finder) proposeFromCopies(ctx context.Context, sample, unique []int) (done bool, err error) {
	copies, err := f.measureCopies(ctx, sample)
	if err != nil || copies == nil {
		return false, err
	}
	var right []float64
	for _, c := range slices.Concat(copies...) {
		if f.copyPasses(c) {
			right = append(right, c.similarity)
		}
	}
	f.report.Proposal = &Proposal{From: "copies", Sample: len(copies)}
	wrong, err := f.falseNeighbours(ctx, sample, unique)
	if err != nil {
		return false, err
	}
	p := f.report.Proposal
	f.expected = newExpected(right, len(copies)*len(copies[0]), wrong)
	c := f.expected.choose(p.Background, p.Affordable)
	f.report.Threshold, f.report.Precision, f.report.Recall = c.threshold, &c.precision, &c.recall
	p.tellKinds(f, copies)
	return true, nil
}

// backgroundPart: the threshold keeps a distance from the similarity that this part of all pairs reaches.
const backgroundPart = 0.05

// falseNeighbours estimates how many of the sample's neighbours pass the check and are no duplicates, and how similar they are: by those
// that fail it by at most as much as a perfect match passes it. Strangers that match well are rarer than those that match less
// well, and duplicates that the data has itself, which nothing tells from false pairs, are mostly above.
func (f *finder) falseNeighbours(ctx context.Context, sample, unique []int) ([]float64, error) {
	p := f.report.Proposal
	pairs, all, near := f.neighbours(sample, unique)
	p.Neighbours = len(pairs)
	p.Background = all.reachedBy(backgroundPart * float64(len(sample)) * float64(len(unique)-1))
	// A pair is seen from both its ends; half of what can be kept leaves room for the error of the sample.
	p.Affordable = near.reachedBy(maxPairs / 2 * 2 * float64(len(sample)) / float64(len(unique)))
	if err := f.looker.look(ctx, imagesOf(pairs), false); err != nil {
		return nil, err
	}
	passed, refused, err := f.verify(ctx, pairs)
	if err != nil {
		return nil, err
	}
	p.Own = len(passed)
	var wrong []float64
	for _, pair := range refused {
		if float64(pair.match) >= 2*f.o.Match-1 {
			wrong = append(wrong, pair.similarity)
		}
	}
	p.False = len(wrong)
	return wrong, nil
}

// tellKinds fills Copies.
func (p *Proposal) tellKinds(f *finder, copies [][]copied) {
	for k, kind := range append(slices.Clone(copyKinds), "two copies") {
		ck := CopyKind{Kind: kind}
		var similarities []float64
		for _, row := range copies {
			part := row[len(copyKinds):]
			if k < len(copyKinds) {
				part = row[k : k+1]
			}
			for _, c := range part {
				ck.Made++
				similarities = append(similarities, c.similarity)
				if f.copyPasses(c) {
					if ck.Checked++; c.similarity >= f.report.Threshold {
						ck.Found++
					}
				}
			}
		}
		ck.Median = quantile(similarities, 0.5)
		p.Copies = append(p.Copies, ck)
	}
}

func (f *finder) copyPasses(c copied) bool { return c.hashBits <= f.hashBits && c.match >= f.o.Match }

// measureCopies makes the copies of the sample's images and compares each with its image: a row of copyKinds for each image that can be
// read.
func (f *finder) measureCopies(ctx context.Context, sample []int) ([][]copied, error) {
	cfg, err := run.Config(f.c.Model())
	if err != nil {
		return nil, baddata.Errorf("the network of %s cannot be opened: %w; --no-model goes on without it", f.c.Path, err)
	}
	cfg.Data = f.c.Data()
	if cfg, err = f.o.Overlay(cfg); err != nil {
		return nil, err
	}
	e, err := inference.Unfitted(inference.Request{Config: cfg, Run: f.c.Model(), Layer: f.c.Manifest.Model.Layer, UI: f.o.UI})
	if err != nil {
		return nil, err
	}
	defer e.Close()
	rows := make([][]copied, len(sample))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(runtime.GOMAXPROCS(0))
	var mu sync.Mutex
	done := 0
	for k, i := range sample {
		group.Go(func() error {
			im, err := f.looker.image(i)
			if err != nil || ctx.Err() != nil {
				return ctx.Err() // images that cannot be read are left out
			}
			rows[k], err = f.measureCopiesOf(i, im, e, cfg)
			mu.Lock()
			defer mu.Unlock()
			if done++; f.o.UI.Embedding != nil {
				f.o.UI.Embedding(done*len(copyKinds), len(sample)*len(copyKinds))
			}
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	var read [][]copied
	for _, row := range rows {
		if row != nil {
			read = append(read, row)
		}
	}
	return read, nil
}

// measureCopiesOf compares item i, which is im, with its copies, and these with each other.
func (f *finder) measureCopiesOf(i int, im image.Image, e *inference.Embedder, cfg setting.Config) ([]copied, error) {
	copies, err := copiesOf(im, rng.Key{Sample: uint32(i), Op: rng.OpSubset})
	if err != nil {
		return nil, err
	}
	type view struct {
		vector []float32
		hash   uint64
		pix    []uint8
	}
	views := []view{{f.c.Row(i), f.c.Items[i].Look.PHash, greyPicture(im)}}
	for _, c := range copies {
		if c, err = picture.Of(c, 0); err != nil {
			return nil, err
		}
		vector, err := e.Image(c)
		if err != nil {
			return nil, err
		}
		views = append(views, view{vector, hashOf(c, cfg), greyPicture(c)})
	}
	var row []copied
	for k, a := range views {
		for _, b := range views[k+1:] {
			row = append(row, copied{cosine(a.vector, b.vector), bits.OnesCount64(a.hash ^ b.hash), matchOf(a.pix, b.pix, f.o.Match)})
		}
	}
	return row, nil
}

// hashOf is the perceptual hash as the collection has it, of the picture that the network sees.
func hashOf(im image.Image, c setting.Config) uint64 {
	pix := make([]uint8, c.Resize*c.Resize*c.Channels)
	picture.NewResizer(picture.Target{
		Size: c.Resize, Channels: c.Channels, ResizeMode: c.ResizeMode, Interpolation: c.Interpolation,
	}).To(pix, im)
	return collection.Measure(pix, c.Resize, c.Channels).PHash
}

// cosine is that of two vectors; 0 where one is zero.
func cosine(a, b []float32) float64 {
	var ab, aa, bb float64
	for k, v := range a {
		ab += float64(v) * float64(b[k])
		aa += float64(v) * float64(v)
		bb += float64(b[k]) * float64(b[k])
	}
	if aa == 0 || bb == 0 {
		return 0
	}
	return max(-1, min(1, ab/math.Sqrt(aa*bb)))
}
