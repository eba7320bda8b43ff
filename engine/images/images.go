// Package images opens data sets as the commands see them: sources, splits and decoded caches, and what is told about them.
package images

import (
	"context"

	"udml-gpu/engine/data"
	"udml-gpu/engine/data/baddata"
	"udml-gpu/engine/data/cache"
	"udml-gpu/engine/data/notes"
	"udml-gpu/engine/data/rawname"
	"udml-gpu/engine/machine"
	"udml-gpu/engine/setting"
)

// OpenSource opens --data: a folder, an archive, the lists of a format, or the built-in images.
func OpenSource(c setting.Config) (*data.Source, error) {
	if c.Data == "" {
		return nil, setting.Usage("--data is missing: name a folder or a zip of images, or format:path")
	}
	if _, ok := data.DemoClasses(c.Data); data.IsDemo(c.Data) && !ok {
		return nil, setting.Usage("--data %s: expected demo:N with a number of classes", c.Data)
	}
	return data.Open(c.Data, data.Options{Labels: c.Labels, Boxes: c.Boxes, Layout: c.Layout, Follow: c.Follow, Index: c.Cache})
}

// Open is OpenSource that ends with ctx: an archive of gigabytes takes a while to be read through. What is open after that
// is closed again.
func Open(ctx context.Context, c setting.Config) (*data.Source, error) {
	type opened struct {
		src *data.Source
		err error
	}
	done := make(chan opened, 1)
	go func() {
		src, err := OpenSource(c)
		done <- opened{src, err}
	}()
	select {
	case o := <-done:
		return o.src, o.err
	case <-ctx.Done():
		go func() {
			if o := <-done; o.src != nil {
				o.src.Close()
			}
		}()
		return nil, ctx.Err()
	}
}

// LoadCache decodes a split to the size that c asks for.
func LoadCache(ctx context.Context, c setting.Config, set *data.Set, ui UI) (*cache.Cache, error) {
	o, err := decoding(c, ui)
	if err != nil {
		return nil, err
	}
	if o.RAM, err = c.CacheBytes(); err != nil {
		return nil, err
	}
	if free := machine.AvailableMemory(); free > 0 {
		o.RAM = min(o.RAM, free/2) // beyond, the images go to a file, from which they read the same
	}
	o.Keep, o.Progress = c.Cache, ui.Loading
	o.Remade = func(why error) {
		ui.Log.Warn().Err(why).Msgf("the images are decoded again, the cache is replaced: %v", why)
	}
	cache, err := cache.Open(ctx, set, o)
	if err == nil && cache.Reused() {
		ui.Log.Info().Str("split", set.Name).Int("images", cache.Len()).Str("cache", c.Cache).
			Msgf("decoded images taken from the cache %s: %s", c.Cache, splitText(set))
	}
	if err == nil {
		tellUnlabelled(ui.Log, c, cache, set.Name)
	}
	return cache, err
}

// decoding is how images become what c asks for.
func decoding(c setting.Config, ui UI) (cache.Options, error) {
	maxPixels, err := c.PixelLimit()
	return cache.Options{
		Size: c.Resize, Channels: c.Channels, ResizeMode: c.ResizeMode, Interpolation: c.Interpolation,
		MaxBad: c.MaxBad, MaxPixels: maxPixels, Workers: c.Workers,
		Warn: func(name string, err error) {
			ui.Log.Warn().Str("image", rawname.Text(name)).Err(err).Msgf("image skipped: %s: %v", rawname.Text(name), err)
		},
	}, err
}

// OpenCaches decodes the training images and those that quality is measured on: the test split where there is
// one, otherwise the training images themselves. notes are those on the data set. src is the data set where it is open already, or nil;
// it is closed.
func OpenCaches(ctx context.Context, c setting.Config, src *data.Source, ui UI) (train, test *cache.Cache, notes []notes.Note, err error) {
	if src == nil {
		if src, err = Open(ctx, c); err != nil {
			return nil, nil, nil, err
		}
	}
	defer src.Close()
	TellNotes(ui.Log, src)
	tellTraining(ui.Log, c, src)
	if train, err = LoadCache(ctx, c, TrainingSet(src), ui); err != nil {
		return nil, nil, nil, err
	}
	if train.Len() < 2 {
		train.Close()
		return nil, nil, nil, baddata.Errorf("%s holds one image that can be read: training needs at least 2", c.Data)
	}
	test = train
	if set := src.Split("test"); set != nil {
		if test, err = LoadCache(ctx, c, set, ui); err != nil {
			train.Close()
			return nil, nil, nil, err
		}
	}
	return train, test, src.Notes(), nil
}
