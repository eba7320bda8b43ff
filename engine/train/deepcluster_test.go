package train

import (
	"context"
	"encoding/json"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/rs/zerolog"

	"udml-gpu/engine/data"
	"udml-gpu/engine/images"
	"udml-gpu/engine/method"
	"udml-gpu/engine/network"
	"udml-gpu/engine/run"
	"udml-gpu/engine/setting"
	"udml-gpu/kernels"
	"udml-gpu/kernels/rng"
)

func deepClustered(head string) func(c *setting.Config) {
	return func(c *setting.Config) {
		c.Data, c.Epochs, c.Method, c.Batch = data.Demo(2), 2, "deepcluster", 12
		c.Set("deepcluster-clusters", 5)
		c.Set("deepcluster-head", head)
	}
}

// TestDeepClusterResumes: a run that is stopped in the middle of its second epoch and resumed leaves the bytes of one that was not, with
// either classifier.
func TestDeepClusterResumes(t *testing.T) {
	for _, head := range []string{"centroids", "linear"} {
		resumesInSecondEpoch(t, deepClustered(head), network.ModelFile, run.OptimizerFile)
	}
}

// TestDeepClusterPlan: each row has its image's cluster as its label, the clusters are shown equally often, and the classifier is their
// mean embedding at length 1; the next epoch has other clusters.
func TestDeepClusterPlan(t *testing.T) {
	tr, err := New(context.Background(), tiny(t, deepClustered("centroids")), Session{UI: images.UI{Log: zerolog.Nop()}})
	if err != nil {
		t.Fatal(err)
	}
	defer tr.Close()
	ctx := context.Background()
	if err := tr.plan(ctx, 1); err != nil {
		t.Fatal(err)
	}
	plan, n := tr.loader.Plan(), tr.train.Len()
	labels, shown := make([]int32, n), make([]int, 5)
	for i := range labels {
		labels[i] = -1
	}
	for row, image := range plan.First {
		if was := labels[image]; was >= 0 && was != plan.Labels[row] {
			t.Fatalf("image %d has labels %d and %d", image, was, plan.Labels[row])
		}
		labels[image] = plan.Labels[row]
		shown[plan.Labels[row]]++
	}
	if len(plan.First) != n || !slices.Equal(plan.First, plan.Second) || slices.Max(shown)-slices.Min(shown) > 1 {
		t.Errorf("%d rows for %d images, of the clusters %v", len(plan.First), n, shown)
	}
	if slices.Contains(labels, -1) { // an image of a large cluster has no row: the labels of all come from the same seed again
		labels = clustersAgain(t, tr, 1)
	}
	wantCentroids(t, tr, labels)
	first := plan.Labels
	if err := tr.plan(ctx, 2); err != nil || slices.Equal(first, tr.loader.Plan().Labels) {
		t.Errorf("the second epoch has the labels of the first, %v", err)
	}
}

// clustersAgain are the clusters of all images in an epoch, from its plan's own parts.
func clustersAgain(t *testing.T, tr *Trainer, epoch int) []int32 {
	t.Helper()
	e, labels := tr.epochFor(epoch), []int32(nil)
	inner := e.Cluster
	e.Cluster = func(ctx context.Context, x *kernels.Array, k int, seed uint64) ([]int32, error) {
		w := rng.Key{Seed: e.Seed, Epoch: uint32(epoch), Op: rng.OpKMeans}.At(0)
		if k != 5 || seed != uint64(w[0])<<32|uint64(w[1]) || x.Dim(0) != tr.train.Len() || x.Dim(1) > 256 {
			t.Errorf("%d clusters of %v with seed %d", k, x, seed)
		}
		for i, row := 0, kernels.Read[float32](x); i < x.Dim(0); i++ {
			length := 0.0
			for _, v := range row[i*x.Dim(1) : (i+1)*x.Dim(1)] {
				length += float64(v) * float64(v)
			}
			if !(math.Abs(length-1) <= 1e-6) { // a sum of some 100 squares in float32
				t.Fatalf("row %d that is clustered has length %g", i, math.Sqrt(length))
			}
		}
		var err error
		labels, err = inner(ctx, x, k, seed)
		return slices.Clone(labels), err
	}
	if _, err := tr.method.(method.Planner).Plan(context.Background(), e); err != nil {
		t.Fatal(err)
	}
	return labels
}

// wantCentroids compares the classifier with the means of the embeddings of each cluster by a plain loop.
func wantCentroids(t *testing.T, tr *Trainer, labels []int32) {
	t.Helper()
	pooled, embedding, err := tr.epochFor(1).Embed(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	defer pooled.Free()
	defer embedding.Free()
	d, f := embedding.Dim(1), kernels.Read[float32](embedding)
	got := kernels.Read[float32](tr.Network.Store.Get("head.centroids.weight").Value)
	for k := range 5 {
		sum, square := make([]float64, d), 0.0
		for i, label := range labels {
			if int(label) == k {
				for j := range sum {
					sum[j] += float64(f[i*d+j])
				}
			}
		}
		for _, v := range sum {
			square += v * v
		}
		for j, v := range sum {
			// The mean and the quotient are each rounded to float32, whose numbers here are at most 1.
			if want := v / math.Sqrt(square); !(math.Abs(float64(got[k*d+j])-want) <= 3e-7) {
				t.Fatalf("centroid %d has %g at %d, want %g", k, got[k*d+j], j, want)
			}
		}
	}
}

// TestDeepClusterHeadBeginsAnew: the linear classifier has other weights at the start of each epoch, a function of seed and epoch, and
// biases of 0.
func TestDeepClusterHeadBeginsAnew(t *testing.T) {
	tr, err := New(context.Background(), tiny(t, deepClustered("linear")), Session{UI: images.UI{Log: zerolog.Nop()}})
	if err != nil {
		t.Fatal(err)
	}
	defer tr.Close()
	weight, bias := tr.Network.Store.Get("head.clusters.weight").Value, tr.Network.Store.Get("head.clusters.bias").Value
	var seen [][]float32
	for _, epoch := range []int{1, 2, 1} {
		weight.Fill(0)
		kernels.Write(bias, []float32{1, 1, 1, 1, 1})
		if err := tr.plan(context.Background(), epoch); err != nil {
			t.Fatal(err)
		}
		now := kernels.Read[float32](weight)
		seen = append(seen, slices.Clone(now))
		if most := slices.Max(now); !(most > 0.005 && most <= 0.02) || slices.Max(kernels.Read[float32](bias)) != 0 {
			t.Errorf("epoch %d begins with weights up to %g", epoch, most)
		}
	}
	if slices.Equal(seen[0], seen[1]) || !slices.Equal(seen[0], seen[2]) {
		t.Error("epochs do not have weights of their own")
	}
}

// TestDeepClusterWantsItsLabels: an unfinished epoch without the labels of its rows is damaged: the true ones are never read.
func TestDeepClusterWantsItsLabels(t *testing.T) {
	m, err := method.New("deepcluster")
	if err != nil {
		t.Fatal(err)
	}
	for labels, want := range map[string]string{
		"": "for each row", "[0,1]": "for each row", `"x"`: "for each row",
		"[0,1,-1,0]": "not a cluster", "[0,1,2,0]": "not a cluster", "[0,1,1,0]": "",
	} {
		state := map[string]json.RawMessage{}
		if labels != "" {
			state["plan_labels"] = json.RawMessage(labels)
		}
		err := m.(method.EpochKeeper).SetEpochState(1, 4, state)
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("labels %q: %v", labels, err)
		}
	}
}
