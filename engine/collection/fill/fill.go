// Package fill embeds the images of a data set into a collection, and brings a collection up to date with its data set.
package fill

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"udml-gpu/engine/collection"
	"udml-gpu/engine/data"
	"udml-gpu/engine/data/baddata"
	"udml-gpu/engine/data/cache"
	"udml-gpu/engine/data/notes"
	"udml-gpu/engine/data/rawname"
	"udml-gpu/engine/dist/accord"
	"udml-gpu/engine/images"
	"udml-gpu/engine/inference"
	"udml-gpu/engine/machine"
	"udml-gpu/engine/setting"
)

// ErrStopped is the error of work that ended by a signal; what was embedded is kept.
var ErrStopped = errors.New("stopped")

// Result is what New or Update did.
type Result struct {
	Collection string       `json:"collection"`
	Images     int          `json:"images"` // in the collection, those that are gone excepted
	Dimensions int          `json:"dimensions"`
	Embedded   int          `json:"embedded"` // by this command
	Renamed    int          `json:"renamed"`  // found under another path by their content
	Copied     int          `json:"copied"`   // with the content of another image, which is still there
	Touched    int          `json:"touched"`  // with another time of change and the same content
	Gone       int          `json:"gone"`     // in the collection, without a file
	Damaged    int          `json:"damaged"`  // that cannot be read
	Changed    bool         `json:"changed"`
	Generation int          `json:"generation"`
	Notes      []notes.Note `json:"notes"` // what of the data set is not used, and doubts about how it was read
}

// New makes a collection at path of the images that q names, or goes on with one that was begun by the same request. kind is the
// Manifest.Type of its vectors. Split auto means all images. Damaged images are listed in the manifest and are no error.
func New(ctx context.Context, q inference.Request, path, kind string) (*Result, error) {
	if q.Split == "auto" {
		q.Split = "all"
	}
	q.Config.Cache = "" // images pass once, and their files are looked at
	if q.Work == nil {
		q.Work = accord.Under(ctx, nil)
	}
	source := collection.NewSource(q.Config.Data, q.Split, path)
	if !q.Leads() {
		return join(ctx, q, path, source)
	}
	w, err := collection.Claim(path)
	if err != nil {
		return nil, err
	}
	defer w.Close()
	f := &filler{w: w, path: path, source: source}
	m := w.Manifest
	switch {
	case m == nil:
		if err := tell(q, anew); err != nil {
			return nil, err
		}
		return begin(ctx, f, q, kind)
	case m.Generation > 0:
		return nil, setting.Usage("%s already holds a collection: bring it up to date with embed --update %s, or name another folder",
			path, path)
	case m.Source != source || m.Model.From != from(q):
		return nil, setting.Usage("%s was begun with --data %s and %s: go on with embed --update %s, or name another folder",
			path, m.Source.Data, m.Model.From, path)
	case m.Type != kind:
		return nil, setting.Usage("%s was begun with --vectors %s: go on with embed --update %s, or name another folder",
			path, cmp.Or(m.Type, "float32"), path)
	}
	if err := tell(q, onward); err != nil {
		return nil, err
	}
	f.layer = m.Model.Layer
	return update(ctx, f, q)
}

// begin makes the network of a new collection and embeds its images.
func begin(ctx context.Context, f *filler, q inference.Request, kind string) (*Result, error) {
	f.use(q)
	q.Config.MaxBad = cache.AllBad
	var err error
	if f.e, err = inference.Unfitted(q); err != nil {
		return nil, err
	}
	defer f.e.Close()
	if f.src, err = open(&q); err != nil {
		return nil, err
	}
	defer f.src.Close()
	if q.Run != "" {
		if err := images.WantData(q.Config, q.Run); err != nil {
			return nil, err
		}
	}
	if err := q.SameImages(f.src); err != nil {
		return nil, err
	}
	if err := f.fit(f.work.Context()); err != nil {
		return nil, f.ended(err, "")
	}
	if err := f.e.SameNetwork(); err != nil {
		return nil, err
	}
	if f.leads() {
		if err := f.start(q, kind); err != nil {
			return nil, err
		}
	}
	return f.fill(ctx)
}

// start writes what a new collection begins with. The network of q takes any number of unreadable images; a later user of it need not.
func (f *filler) start(q inference.Request, kind string) error {
	m := collection.Manifest{
		Dimensions: f.e.Dim(), Type: kind, Source: f.source, WrittenBy: "udml-gpu " + machine.Version(),
		Model: collection.Model{
			Backbone: q.Config.Backbone, Layer: q.Layer, Pool: q.Config.Pool, Pipeline: q.Config.Pipeline(),
			Licence: f.e.Licence(), From: from(q),
		},
	}
	var err error
	if m.Model.Hash, err = f.e.Hash(); err == nil {
		err = f.e.Save(modelOf(f.path), f.config)
	}
	if err != nil {
		return baddata.Errorf("%s cannot be written: %w", f.path, err)
	}
	f.e.TellConditions(q.UI.Log) // the network is in the collection, and goes where that goes
	return f.w.Start(m)
}

// modelOf is the folder of the network of the collection at path.
func modelOf(path string) string { return filepath.Join(path, collection.ModelDir) }

// open lists the images of a data set.
func open(q *inference.Request) (*data.Source, error) {
	defer inference.SpareGarbage()()
	src, err := images.OpenSource(q.Config)
	if err == nil {
		q.TellNotes(src)
	}
	return src, err
}

// from says in words where a network comes from.
func from(q inference.Request) string {
	if q.Run != "" {
		return "--run " + rawname.Text(q.Run)
	}
	return fmt.Sprintf("--backbone %s --pretrained=%s", q.Config.Backbone, rawname.Text(q.Config.Pretrained))
}

// Options are what a user may change when a collection is brought up to date.
type Options struct {
	Overlay func(setting.Config) (setting.Config, error) // lays flags over the collection's settings
	UI      images.UI
	Work    *accord.Work // inference.Request.Work
}

// Update brings the collection at path up to date with its data set: it looks at path, size and time of each file, at the content where
// these differ, and embeds what is new.
func Update(ctx context.Context, path string, o Options) (*Result, error) {
	m, err := collection.ReadManifest(path) // before Claim makes a folder
	if err != nil {
		return nil, err
	}
	if o.Work == nil {
		o.Work = accord.Under(ctx, nil)
	}
	if o.Work.Group().Rank() > 0 {
		return joinUpdate(ctx, path, m, o)
	}
	w, err := collection.Claim(path)
	if err != nil {
		return nil, err
	}
	defer w.Close()
	q, err := o.request(path, w.Manifest)
	if err != nil {
		return nil, err
	}
	return update(ctx, &filler{w: w, path: path, source: w.Manifest.Source, layer: w.Manifest.Model.Layer}, q)
}

// update embeds what the collection lacks, with the network that it has. q has the settings.
func update(ctx context.Context, f *filler, q inference.Request) (*Result, error) {
	f.use(q)
	var err error
	if f.src, err = open(&q); err != nil {
		return nil, err
	}
	defer f.src.Close()
	if err := q.SameImages(f.src); err != nil {
		return nil, err
	}
	f.open = func() (*inference.Embedder, error) { // only when there is something to embed
		q := inference.Request{Config: q.Config, Run: modelOf(f.path), Layer: f.layer, UI: q.UI, Work: q.Work}
		q.Config.MaxBad = cache.AllBad
		return inference.Unfitted(q)
	}
	source := collection.NewSource(q.Config.Data, f.source.Split, f.path)
	if f.leads() && source.Absolute != f.source.Absolute {
		m := *f.w.Manifest
		m.Source = source
		if err := f.w.Start(m); err != nil {
			return nil, err
		}
		f.source = source
	}
	return f.fill(ctx)
}

// stopped is err, or ErrStopped with what is kept where ctx has ended.
func stopped(ctx context.Context, err error, path, kept string) error {
	if err == nil || ctx.Err() == nil {
		return err
	}
	if kept == "" {
		return fmt.Errorf("%w before an image was embedded; give the same command again", ErrStopped)
	}
	return fmt.Errorf("%w; %s; udml-gpu embed --update %s goes on", ErrStopped, kept, path)
}

// noSplit is the error for a split that a data set lacks.
func noSplit(name, spec string, splits []string) error {
	return baddata.Errorf("--split %s: %s has no such split; expected one of %s", name, spec, strings.Join(append(splits, "all"), ", "))
}
