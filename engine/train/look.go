package train

import (
	"context"

	"udml-gpu/engine/gallery"
	"udml-gpu/engine/network"
)

// lookAtStart keeps what the embedding makes of a few images before training; where nothing is trained, what the features do before they
// are whitened.
func (t *Trainer) lookAtStart(ctx context.Context) error {
	of, pooled := "before training", t.Network.Config.Epochs == 0
	if pooled {
		of = "the features of " + t.Network.Config.Backbone + " as they are"
	}
	g, err := t.gallery(ctx, pooled)
	if g != nil {
		t.state.Start = g.Look(of)
	}
	return err
}

// drawAlbums draws the pictures of the result.
func (t *Trainer) drawAlbums(ctx context.Context) error {
	defer t.spend(&t.state.Spent.Pictures)()
	g, err := t.gallery(ctx, false)
	if g == nil {
		return err
	}
	of := "after training"
	if t.state.Epoch == 0 {
		of = "whitened"
	}
	if t.group.Ranks() > 1 { // the others wait for the end of the run, and agree on nothing any more
		ctx = t.work.Asked()
	}
	t.albums, err = g.Albums(ctx, t.state.StartLook(t.test.Len()), g.Look(of), func(done, total int) {
		t.ui.Worked("drawing the report", done, total)
	})
	return err
}

// gallery is that of the images that quality is measured on, by their embedding, or by their pooled features; nil on ranks that draw none.
func (t *Trainer) gallery(ctx context.Context, pooled bool) (*gallery.Gallery, error) {
	f, err := t.measured(ctx)
	if err != nil || !t.leads() {
		return nil, err
	}
	x := f.Embedding
	if pooled {
		x = f.Pooled
	}
	return gallery.New(t.test, x, t.Network.Config.Seed), nil
}

// measured are the features of the images that quality is measured on, as the last evaluation has made them.
func (t *Trainer) measured(ctx context.Context) (*network.Features, error) {
	f := &t.features.test
	if t.test == t.train {
		f = &t.features.train
	}
	return f, t.Network.Renew(ctx, t.test, f)
}

// stepMemory says how much memory a step of training takes; "" where nothing was trained.
func (t *Trainer) stepMemory() string {
	if t.loader == nil {
		return ""
	}
	return t.Network.Memory()
}
