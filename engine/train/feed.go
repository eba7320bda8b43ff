package train

import (
	"udml-gpu/engine/data/loader"
	"udml-gpu/engine/method"
	"udml-gpu/engine/setting"
)

// startLoader starts the loader, which makes batches of the training images.
func (t *Trainer) startLoader(c setting.Config) {
	t.makeLoader(c)
	t.tellParts()
	t.log.Info().Str("backbone", c.Backbone).Str("method", c.Method).Int("images", t.train.Len()).
		Int("steps_per_epoch", t.loader.Batches()).Str("step_memory", t.Network.Memory()).
		Str("device", t.Network.Device.Name()).
		Msgf("ready to train: %s by %s on %d images, %d steps an epoch, %s for a step on %s", c.Backbone, c.Method, t.train.Len(),
			t.loader.Batches(), t.Network.Memory(), t.Network.Device.Name())
	if method.ReadsLabels(t.method) {
		t.log.Warn().Msgf("--method %s reads the labels of the training images: its result is an upper bound for methods without labels",
			c.Method)
	}
	if t.keeping != "" {
		t.log.Info().Msg(t.keeping)
	}
}

func (t *Trainer) makeLoader(c setting.Config) {
	o := loader.Options{Batch: c.Batch, Views: t.views, Invert: c.Invert, Seed: c.Seed, Workers: c.Workers}
	if t.kept != nil {
		if o.Fixed = true; !t.kept.pixels {
			o.Views = nil
		}
	}
	if s := t.group; s.Shards() > 1 && t.kept == nil {
		o.Own = s.OwnImages
	}
	if p, ok := t.method.(method.Planner); ok {
		o.Planned, o.Rows = true, p.Rows(t.train.Len(), min(c.Batch, t.train.Len()))
	}
	t.loader = loader.New(t.Network.Device, t.train, o)
}

// upload puts the images on a GPU, where views are then made, if they take at most half of its free memory.
func (t *Trainer) upload() {
	dev := t.Network.Device
	free, _ := dev.MemoryInfo()
	if t.train.Upload(dev, free/2); t.test != t.train {
		free, _ = dev.MemoryInfo()
		t.test.Upload(dev, free/2)
	}
}
