package bench

import (
	"context"
	"time"

	"udml-gpu/engine/data/cache"
	"udml-gpu/engine/data/loader"
	"udml-gpu/engine/images"
	"udml-gpu/engine/setting"
	"udml-gpu/kernels"
)

// LoaderBench is the speed at which random views are made, beside what training asks for.
type LoaderBench struct {
	ViewsPerSecond   float64 `json:"views_per_second"`
	DecodedPerSecond float64 `json:"images_decoded_per_second"`
	StepSeconds      float64 `json:"step_seconds"`
	ViewsWanted      float64 `json:"views_wanted_per_second"` // by training steps of that length
	ShareOfStep      float64 `json:"share_of_step"`           // seconds of loading for each second of training
	Workers          int     `json:"workers"`
}

// Loading times the loader over the images of c (resolved), without training, and a training step beside it.
func Loading(ctx context.Context, c setting.Config, steps int, ui images.UI) (LoaderBench, error) {
	r := LoaderBench{Workers: c.Workers}
	start := time.Now()
	train, test, _, err := images.OpenCaches(ctx, c, ui)
	if err != nil {
		return r, err
	}
	defer train.Close()
	images := train.Len()
	if test != train {
		defer test.Close()
		images += test.Len()
	}
	r.DecodedPerSecond = float64(images) / time.Since(start).Seconds()
	c.Batch = min(c.Batch, train.Len())
	r.ViewsPerSecond = viewRate(c, train, steps)
	step, err := TrainingStep(c, steps, ui)
	if err != nil {
		return r, err
	}
	r.StepSeconds, r.ViewsWanted = step.SecondsPerStep, step.ImagesPerSecond
	r.ShareOfStep = r.ViewsWanted / r.ViewsPerSecond
	return r, nil
}

// viewRate is the views a second of whole epochs, of at least that many batches.
func viewRate(c setting.Config, train *cache.Cache, steps int) float64 {
	first, second := c.Ranges()
	l := loader.New(kernels.CPU(), train, loader.Options{
		Batch: c.Batch, Size: c.Size, Invert: c.Invert, First: first, Second: second, Seed: c.Seed, Workers: c.Workers,
	})
	defer l.Close()
	views, start := 0, time.Now()
	for epoch, batches := 1, 0; batches < steps; epoch++ {
		for b := range l.Epoch(epoch, 0) {
			views += 2 * len(b.Samples)
			batches++
		}
	}
	return float64(views) / time.Since(start).Seconds()
}
