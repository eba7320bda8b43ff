package bench

import (
	"context"
	"time"

	"udml-gpu/engine/data/cache"
	"udml-gpu/engine/data/loader"
	"udml-gpu/engine/images"
	"udml-gpu/engine/setting"
	"udml-gpu/engine/train"
	"udml-gpu/kernels"
)

// LoaderBench compares the speed at which random views are made with the speed at which training uses them.
type LoaderBench struct {
	ViewsPerSecond   float64 `json:"views_per_second"`
	DecodedPerSecond float64 `json:"images_decoded_per_second"`
	StepSeconds      float64 `json:"step_seconds"`
	ViewsWanted      float64 `json:"views_wanted_per_second"` // that training steps of StepSeconds use
	ShareOfStep      float64 `json:"share_of_step"`           // seconds of loading for each second of training
	Workers          int     `json:"workers"`
}

// Loading times the loader over the images of c (resolved), without training, and a training step beside it.
func Loading(ctx context.Context, c setting.Config, steps int, ui images.UI) (LoaderBench, error) {
	r := LoaderBench{Workers: c.Workers}
	start := time.Now()
	training, test, _, err := images.OpenCaches(ctx, c, nil, ui)
	if err != nil {
		return r, err
	}
	defer training.Close()
	decoded := training.Len()
	if test != training {
		defer test.Close()
		decoded += test.Len()
	}
	r.DecodedPerSecond = float64(decoded) / time.Since(start).Seconds()
	c.Batch = min(c.Batch, training.Len())
	views, err := train.ViewsFor(c)
	if err != nil {
		return r, err
	}
	r.ViewsPerSecond = viewRate(c, training, views, steps)
	step, err := TrainingStep(c, steps, ui)
	if err != nil {
		return r, err
	}
	r.StepSeconds, r.ViewsWanted = step.SecondsPerStep, step.ImagesPerSecond
	r.ShareOfStep = r.ViewsWanted / r.ViewsPerSecond
	return r, nil
}

// viewRate is the number of views made per second over whole epochs, of at least steps batches in all.
func viewRate(c setting.Config, images *cache.Cache, views []loader.View, steps int) float64 {
	l := loader.New(kernels.CPU(), images, loader.Options{Batch: c.Batch, Views: views, Invert: c.Invert, Seed: c.Seed, Workers: c.Workers})
	defer l.Close()
	made, start := 0, time.Now()
	for epoch, batches := 1, 0; batches < steps; epoch++ {
		for b := range l.Epoch(epoch, 0) {
			made += len(views) * len(b.Samples)
			batches++
		}
	}
	return float64(made) / time.Since(start).Seconds()
}
