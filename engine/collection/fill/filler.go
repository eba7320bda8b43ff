package fill

import (
	"context"
	"fmt"

	"udml-gpu/engine/collection"
	"udml-gpu/engine/data"
	"udml-gpu/engine/data/baddata"
	"udml-gpu/engine/data/notes"
	"udml-gpu/engine/data/rawname"
	"udml-gpu/engine/dist/accord"
	"udml-gpu/engine/images"
	"udml-gpu/engine/inference"
	"udml-gpu/engine/setting"
)

// filler embeds the images of a source that a collection lacks.
type filler struct {
	w      *collection.Writer // nil on ranks other than 0
	path   string             // of the collection
	source collection.Source
	layer  string // of a collection that was there
	src    *data.Source
	config setting.Config
	seen   *facts
	work   *accord.Work

	e    *inference.Embedder
	open func() (*inference.Embedder, error) // makes e when it is needed; nil: e is there
}

// use takes what q says of the work.
func (f *filler) use(q inference.Request) {
	f.config, f.seen, f.work = q.Config, newFacts(q.Config), q.Work
}

// fitImages is the most images that an embedding layer is fitted on, so that memory does not grow with the data set. The covariance of
// 1,664 features has settled long before: SqueezeNet's whitened Recall@1 on grocery is the same from 5,280 of its images as from half.
const fitImages = 20_000

// fit fits the embedding layer of a backbone on the training images, or on all where there is no such split; of more than fitImages, on
// as many at equal distances.
func (f *filler) fit(ctx context.Context) error {
	set := images.TrainingSet(f.src)
	look := f.seen.look
	if n := len(set.Items); n > fitImages {
		set, look = set.Only(spread(n, fitImages)), nil
	}
	if set != f.src.Split(f.source.Split) {
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
	set := f.src.Split(f.source.Split)
	if set == nil {
		return nil, noSplit(f.source.Split, f.source.Data, f.src.Splits())
	}
	p, err := f.planned(ctx, set)
	if err != nil {
		return nil, err
	}
	embedded, err := f.embed(f.work.Context(), p)
	if err != nil {
		return nil, f.ended(err, kept(p.known+embedded))
	}
	if !f.leads() {
		return nil, nil
	}
	contents := p.contents()
	if contents.Images == 0 {
		return nil, noneReadable(f.source.Data, p.damaged)
	}
	restore := inference.SpareGarbage()
	changed, err := f.w.Commit(contents, p.damaged)
	restore()
	if err != nil {
		return nil, err
	}
	m := f.w.Manifest
	return &Result{
		Collection: rawname.Text(f.path), Images: m.Images - m.Gone, Dimensions: m.Dimensions,
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
		if err := f.e.SameNetwork(); err != nil {
			return 0, err
		}
	}
	part, item := p.set, func(i int) int { return i } // of p.set
	if n < len(part.Items) {
		fresh := p.fresh(n)
		part, item = part.Only(fresh), func(i int) int { return fresh[i] }
		f.seen.clear()
	}
	skipped, err := f.e.SetSeen(ctx, part, inference.Seen{Look: f.seen.look, About: f.seen.about}, func(r inference.Rows) error {
		err := f.add(p, item, r)
		if err == nil {
			embedded += len(r.Images)
		}
		return err
	})
	if err == nil && f.leads() {
		p.damage(skipped)
	}
	return embedded, err
}

// add adds rows, whose images have the numbers item(i) in the plan's set, to the journal and the plan.
func (f *filler) add(p *plan, item func(i int) int, r inference.Rows) error {
	items := make([]collection.Item, len(r.Images))
	for k, i := range r.Images {
		var err error
		if items[k], err = factsOf(r.About[k]); err != nil {
			return err
		}
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
	return nil
}
