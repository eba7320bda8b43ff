package fill

import (
	"context"
	"fmt"

	"udml-gpu/engine/collection"
	"udml-gpu/engine/data"
	"udml-gpu/engine/data/baddata"
	"udml-gpu/engine/data/notes"
	"udml-gpu/engine/data/rawname"
	"udml-gpu/engine/images"
	"udml-gpu/engine/inference"
)

// filler embeds the images of a source that a collection lacks.
type filler struct {
	w    *collection.Writer
	src  *data.Source
	seen *facts
	ui   images.UI

	e    *inference.Embedder
	open func() (*inference.Embedder, error) // makes e when it is needed; nil: e is there
}

// fitImages is the most images that an embedding layer is fitted on, so that memory does not grow with the data set. The covariance of
// 1,664 features has settled long before: SqueezeNet's whitened Recall@1 on grocery is the same from 5,280 of its images as from half.
const fitImages = 20_000

// fit fits the embedding layer of a backbone on the training images, or on all where there is no such split; of more than fitImages, on
// as many at equal distances.
func (f *filler) fit(ctx context.Context, split string) error {
	set := images.TrainingSet(f.src)
	look := f.seen.look
	if n := len(set.Items); n > fitImages {
		set, look = set.Only(spread(n, fitImages)), nil
	}
	if set != f.src.Split(split) {
		look = nil
	}
	_, err := f.e.FitOn(ctx, set, look)
	return err
}

// spread are m of n indices at equal distances.
func spread(n, m int) []int {
	at := make([]int, m)
	for i := range at {
		at[i] = int(int64(i) * int64(n) / int64(m))
	}
	return at
}

// fill embeds what is not known and commits.
func (f *filler) fill(ctx context.Context) (*Result, error) {
	defer inference.BoundGarbage()()
	split := f.w.Manifest.Source.Split
	set := f.src.Split(split)
	if set == nil {
		return nil, noSplit(split, f.w.Manifest.Source.Data, f.src.Splits())
	}
	p, err := newPlan(ctx, set, f.src, f.w)
	if err != nil {
		return nil, stopped(ctx, err, f.w.Path, kept(p.known))
	}
	embedded, err := f.embed(ctx, p)
	if err != nil {
		return nil, stopped(ctx, err, f.w.Path, kept(p.known+embedded))
	}
	contents := p.contents()
	if contents.Images == 0 {
		return nil, noneReadable(f.w.Manifest.Source.Data, p.damaged)
	}
	restore := inference.SpareGarbage()
	changed, err := f.w.Commit(contents, p.damaged)
	restore()
	if err != nil {
		return nil, err
	}
	m := f.w.Manifest
	return &Result{
		Collection: rawname.Text(f.w.Path), Images: m.Images - m.Gone, Dimensions: m.Dimensions,
		Embedded: embedded, Renamed: p.renamed, Copied: p.copied,
		Touched: p.touched, Gone: m.Gone, Damaged: len(m.Damaged), Changed: changed, Generation: m.Generation, Notes: images.NotesOf(f.src),
	}, nil
}

func kept(n int) string { return fmt.Sprintf("%d images are embedded and kept", n) }

// noneReadable names the first few images that cannot be read.
func noneReadable(spec string, damaged []collection.Damaged) error {
	text := ""
	for _, d := range damaged[:min(3, len(damaged))] {
		text += fmt.Sprintf("; %s: %s", notes.Shown(d.Path), d.Why)
	}
	return baddata.Errorf("%s: none of %d images can be read%s", spec, len(damaged), text)
}

// embed embeds the new images of the plan and adds them to it.
func (f *filler) embed(ctx context.Context, p *plan) (embedded int, err error) {
	n := p.count(p.missing)
	if n == 0 {
		return 0, nil
	}
	if f.e == nil {
		if f.e, err = f.open(); err != nil {
			return 0, err
		}
		defer f.e.Close()
	}
	part, item := p.set, func(i int) int { return i } // of p.set
	if n < len(part.Items) {
		fresh := p.fresh(n)
		part, item = part.Only(fresh), func(i int) int { return fresh[i] }
		f.seen.clear()
	}
	skipped, err := f.e.SetSeen(ctx, part, f.seen.look, func(r inference.Rows) error {
		items := make([]collection.Item, len(r.Images))
		for k, i := range r.Images {
			items[k] = f.seen.take(i)
			p.describe(item(i), &items[k])
		}
		unit(r.Vectors, len(items))
		first, err := f.w.Add(items, r.Vectors)
		if err != nil {
			return err
		}
		for k, i := range r.Images {
			p.places[item(i)] = collection.Added(first + k)
		}
		embedded += len(items)
		return nil
	})
	if err == nil {
		p.damage(skipped)
	}
	return embedded, err
}
