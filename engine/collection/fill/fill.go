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
	"udml-gpu/engine/images"
	"udml-gpu/engine/inference"
	"udml-gpu/engine/machine"
	"udml-gpu/engine/run"
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
	w, err := collection.Claim(path)
	if err != nil {
		return nil, err
	}
	defer w.Close()
	source := collection.NewSource(q.Config.Data, q.Split, path)
	switch m := w.Manifest; {
	case m == nil:
		return begin(ctx, w, q, source, kind)
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
	return update(ctx, w, q.Config, q.UI)
}

// begin makes the network of a new collection and embeds its images.
func begin(ctx context.Context, w *collection.Writer, q inference.Request, source collection.Source, kind string) (*Result, error) {
	c := q.Config
	q.Config.MaxBad = cache.AllBad
	e, err := inference.Unfitted(q)
	if err != nil {
		return nil, err
	}
	defer e.Close()
	src, err := open(q.Config, q.UI)
	if err != nil {
		return nil, err
	}
	defer src.Close()
	if q.Run != "" {
		if err := images.WantData(q.Config, q.Run); err != nil {
			return nil, err
		}
	}
	f := &filler{w: w, e: e, src: src, seen: newFacts(c), ui: q.UI}
	if err := f.fit(ctx, source.Split); err != nil {
		return nil, stopped(ctx, err, w.Path, "")
	}
	m := collection.Manifest{
		Dimensions: e.Dim(), Type: kind, Source: source, WrittenBy: "udml-gpu " + machine.Version(),
		Model: collection.Model{
			Backbone: q.Config.Backbone, Layer: q.Layer, Pool: q.Config.Pool, Pipeline: q.Config.Pipeline(),
			Licence: e.Licence(), From: from(q),
		},
	}
	if m.Model.Hash, err = e.Hash(); err == nil {
		err = e.Save(filepath.Join(w.Path, collection.ModelDir), c)
	}
	if err != nil {
		return nil, baddata.Errorf("%s cannot be written: %w", w.Path, err)
	}
	e.TellConditions(q.UI.Log) // the network is in the collection, and goes where that goes
	if err := w.Start(m); err != nil {
		return nil, err
	}
	return f.fill(ctx)
}

// open lists the images of a data set.
func open(c setting.Config, ui images.UI) (*data.Source, error) {
	defer inference.SpareGarbage()()
	src, err := images.OpenSource(c)
	if err == nil {
		images.TellNotes(ui.Log, src)
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
}

// Update brings the collection at path up to date with its data set: it looks at path, size and time of each file, at the content where
// these differ, and embeds what is new.
func Update(ctx context.Context, path string, o Options) (*Result, error) {
	if _, err := collection.ReadManifest(path); err != nil { // before Claim makes a folder
		return nil, err
	}
	w, err := collection.Claim(path)
	if err != nil {
		return nil, err
	}
	defer w.Close()
	before, err := run.Config(filepath.Join(path, collection.ModelDir))
	if err != nil {
		return nil, err
	}
	before.Data = w.Manifest.Source.At(path)
	c, err := o.Overlay(before)
	if err != nil {
		return nil, err
	}
	if err := c.KeepsNetwork(before); err != nil {
		return nil, err
	}
	return update(ctx, w, c, o.UI)
}

func update(ctx context.Context, w *collection.Writer, c setting.Config, ui images.UI) (*Result, error) {
	src, err := open(c, ui)
	if err != nil {
		return nil, err
	}
	defer src.Close()
	f := &filler{w: w, src: src, seen: newFacts(c), ui: ui}
	f.open = func() (*inference.Embedder, error) { // only when there is something to embed
		q := inference.Request{Config: c, Run: filepath.Join(w.Path, collection.ModelDir), Layer: w.Manifest.Model.Layer, UI: ui}
		q.Config.MaxBad = cache.AllBad
		return inference.Unfitted(q)
	}
	if source := collection.NewSource(c.Data, w.Manifest.Source.Split, w.Path); source.Absolute != w.Manifest.Source.Absolute {
		m := *w.Manifest
		m.Source = source
		if err := w.Start(m); err != nil {
			return nil, err
		}
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
