package train

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/rs/zerolog"

	"udml-gpu/engine/data"
	"udml-gpu/engine/data/baddata"
	"udml-gpu/engine/images"
	"udml-gpu/engine/network"
	"udml-gpu/engine/run"
	"udml-gpu/engine/setting"
	"udml-gpu/kernels"
)

func withMutual(c *setting.Config) {
	c.Data, c.Epochs, c.Method, c.Batch = data.Demo(2), 3, "mutual", 12
	c.Set("mutual-neighbours", 4)
}

// TestMutualResumes: a run that is stopped in the middle of its second epoch, the first with neighbours, and resumed leaves the bytes of
// one that was not.
func TestMutualResumes(t *testing.T) {
	resumesInSecondEpoch(t, withMutual, network.ModelFile, run.OptimizerFile)
}

// TestMutualPlan: the first epoch shows each image with itself, later ones each with a mutual neighbour in the present embedding, whitened,
// where it has one.
func TestMutualPlan(t *testing.T) {
	tr, err := New(context.Background(), tiny(t, withMutual), Session{UI: images.UI{Log: zerolog.Nop()}})
	if err != nil {
		t.Fatal(err)
	}
	defer tr.Close()
	ctx := context.Background()
	if err := tr.plan(ctx, 1); err != nil || tr.loader.Plan() != nil {
		t.Fatalf("the first epoch has a plan: %v", err)
	}
	var seconds [][]int32
	for epoch := 2; epoch < 4; epoch++ {
		if err := tr.plan(ctx, epoch); err != nil {
			t.Fatal(err)
		}
		plan, n := tr.loader.Plan(), tr.train.Len()
		shown := slices.Sorted(slices.Values(plan.First))
		if len(slices.Compact(shown)) != n || len(plan.Second) != n {
			t.Fatalf("%d of %d images are first views", len(shown), n)
		}
		others := 0
		for row, image := range plan.First {
			if plan.Second[row] != image {
				others++
			}
		}
		if others < n/2 {
			t.Errorf("epoch %d: %d of %d images have a neighbour", epoch, others, n)
		}
		seconds = append(seconds, slices.Clone(plan.Second))
	}
	if slices.Equal(seconds[0], seconds[1]) {
		t.Error("two epochs show the same pairs in the same order")
	}
}

// TestMutualNeedsDifferentImages: where all images have the same embedding, no neighbours can be found, which is an error of the data.
func TestMutualNeedsDifferentImages(t *testing.T) {
	tr, err := New(context.Background(), tiny(t, withMutual), Session{UI: images.UI{Log: zerolog.Nop()}})
	if err != nil {
		t.Fatal(err)
	}
	defer tr.Close()
	kernels.Write(tr.Network.Store.Get("embedding.weight").Value, make([]float32, tr.Network.Store.Get("embedding.weight").Value.Len()))
	var bad *baddata.Error
	if err := tr.plan(context.Background(), 2); !errors.As(err, &bad) {
		t.Errorf("error %v", err)
	}
}
