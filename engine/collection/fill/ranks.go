package fill

import (
	"context"
	"fmt"
	"slices"

	"udml-gpu/engine/collection"
	"udml-gpu/engine/data"
	"udml-gpu/engine/inference"
	"udml-gpu/engine/run"
)

// Several ranks fill a collection together (inference.Request.Work): rank 0 alone compares the data set with it, writes its journal and
// commits; the others embed. What killed ranks leave is that of one killed process, and the next run may have another number of ranks.

// How rank 0 begins.
const (
	anew   = "anew"
	onward = "onward" // with a collection that has been begun
)

// tell has the other ranks begin as this one, which is rank 0.
func tell(q inference.Request, how string) error {
	q.Work.Group().Share("begin", how)
	return q.Work.Group().Err()
}

// join is New of a rank other than 0.
func join(ctx context.Context, q inference.Request, path string, source collection.Source) (*Result, error) {
	how := q.Work.Group().Share("begin", "")
	if err := q.Work.Group().Err(); err != nil {
		return nil, err
	}
	if how == anew {
		return begin(ctx, &filler{path: path, source: source}, q, "")
	}
	m, err := collection.ReadManifest(path)
	if err != nil {
		return nil, err
	}
	return update(ctx, &filler{path: path, source: m.Source, layer: m.Model.Layer}, q)
}

// joinUpdate is Update of a rank other than 0.
func joinUpdate(ctx context.Context, path string, m *collection.Manifest, o Options) (*Result, error) {
	q, err := o.request(path, m)
	if err != nil {
		return nil, err
	}
	return update(ctx, &filler{path: path, source: m.Source, layer: m.Model.Layer}, q)
}

// leads says whether this rank writes the collection.
func (f *filler) leads() bool { return f.w != nil }

// planned compares the set with the collection. Ranks other than 0 learn from it which images are to be embedded. An error that this rank
// alone has ends the others.
func (f *filler) planned(ctx context.Context, set *data.Set) (*plan, error) {
	p := &plan{set: set}
	if f.leads() {
		var err error
		if p, err = newPlan(ctx, set, f.src, f.w); err != nil {
			return p, stopped(ctx, err, f.path, kept(p.known))
		}
	}
	if f.work.Group().Ranks() == 1 {
		return p, nil
	}
	missing := make([]byte, (len(set.Items)+7)/8) // a bit an image
	for i := range p.places {
		if p.missing(i) {
			missing[i/8] |= 1 << (i % 8)
		}
	}
	f.work.Group().FromFirst("share the plan", missing)
	if !f.leads() {
		p.places = slices.Repeat([]collection.Place{damaged}, len(set.Items))
		for i := range p.places {
			if missing[i/8]&(1<<(i%8)) != 0 {
				p.places[i] = unknown
			}
		}
	}
	return p, f.work.Group().Err()
}

// ended is the error of work that all ranks have ended by agreement, or err.
func (f *filler) ended(err error, what string) error {
	ctx := f.work.Context()
	if !f.leads() && err != nil && ctx.Err() != nil {
		return f.work.Stopped(fmt.Errorf("%w; rank 0 keeps what is embedded", ErrStopped))
	}
	return f.work.Stopped(stopped(ctx, err, f.path, what))
}

// request is what the present network of a collection is asked for.
func (o Options) request(path string, m *collection.Manifest) (inference.Request, error) {
	q := inference.Request{Split: m.Source.Split, Layer: m.Model.Layer, UI: o.UI, Work: o.Work}
	before, err := run.Config(modelOf(path))
	if err != nil {
		return q, err
	}
	before.Data = m.Source.At(path)
	if q.Config, err = o.Overlay(before); err != nil {
		return q, err
	}
	return q, q.Config.KeepsNetwork(before)
}
