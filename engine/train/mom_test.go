package train

import (
	"context"
	"slices"
	"testing"

	"github.com/rs/zerolog"

	"udml-gpu/engine/data"
	"udml-gpu/engine/images"
	"udml-gpu/engine/method"
	"udml-gpu/engine/network"
	"udml-gpu/engine/run"
	"udml-gpu/engine/setting"
	"udml-gpu/kernels"
)

func mined(c *setting.Config) {
	c.Data, c.Epochs, c.Method, c.Batch = data.Demo(2), 3, "mom", 13 // 40 images: 13, 13, 13, 1
}

// TestMoMResumes: a run that is stopped in the middle of its second epoch and resumed leaves the bytes of one that was not: the third epoch
// draws from what was mined before the first.
func TestMoMResumes(t *testing.T) {
	resumesInSecondEpoch(t, mined, network.ModelFile, run.OptimizerFile, run.MethodFile)
}

// TestMoMMinesOnce: what is mined before the first epoch stays, whatever the network becomes, while the triplets of each epoch are others;
// the batches have their weights.
func TestMoMMinesOnce(t *testing.T) {
	tr, err := New(context.Background(), tiny(t, mined), Session{UI: images.UI{Log: zerolog.Nop()}})
	if err != nil {
		t.Fatal(err)
	}
	defer tr.Close()
	var pools, weights [2][]float32
	var first [2][]int32
	for i := range 2 {
		if err := tr.plan(context.Background(), i+1); err != nil {
			t.Fatal(err)
		}
		for _, p := range tr.method.(method.Stateful).State() {
			pools[i] = append(pools[i], kernels.Read[float32](p.Value)...)
		}
		first[i] = slices.Clone(tr.loader.Plan().First)
		for b := range tr.loader.Epoch(i+1, 0) {
			for _, label := range b.Labels {
				weights[i] = append(weights[i], float32(label))
			}
		}
		for _, p := range tr.Network.Store.Trained() { // another network altogether
			kernels.Write(p.Value, make([]float32, p.Value.Len()))
		}
	}
	if slices.Max(pools[0]) == 0 || !slices.Equal(pools[0], pools[1]) {
		t.Error("the second epoch has other pools than the first, or none")
	}
	if slices.Equal(first[0], first[1]) || len(weights[0]) != tr.train.Len() || slices.Max(weights[0]) == 0 {
		t.Errorf("epochs show %v and %v with weights %v", first[0], first[1], weights[0])
	}
	for i, w := range weights[0] {
		if lone := i%13 == 12 || i == 39; lone && w != 0 || !lone && w == 0 {
			t.Errorf("row %d weighs %g", i, w)
		}
	}
}
