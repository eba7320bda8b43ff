package train

import (
	"context"
	"math"
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
	"udml-gpu/models/head"
)

func selfTaught(c *setting.Config) {
	c.Data, c.Epochs, c.Method, c.Batch = data.Demo(2), 2, "stml", 12
	c.Set("stml-dim", 16)
	c.Set("stml-momentum", 0.9)
}

// TestSTMLResumes: a run that is stopped in the middle of its second epoch and resumed leaves the bytes of one that was not, the
// teacher's too.
func TestSTMLResumes(t *testing.T) {
	resumesInSecondEpoch(t, selfTaught, network.ModelFile, run.OptimizerFile, run.MethodFile)
}

// TestSTMLPlan: batches are groups of an image and those nearest to it; every image is a query before any is one twice.
func TestSTMLPlan(t *testing.T) {
	c := tiny(t, selfTaught)
	tr, err := New(context.Background(), c, Session{UI: images.UI{Log: zerolog.Nop()}})
	if err != nil {
		t.Fatal(err)
	}
	defer tr.Close()
	n, asked := tr.train.Len(), []int32{}
	near := make([]int32, n)
	for i := range near { // the rows of each image's group are itself and those behind it
		near[i] = int32(i)
	}
	for epoch := 1; len(asked) < n; epoch++ {
		if err := tr.plan(context.Background(), epoch); err != nil {
			t.Fatal(err)
		}
		plan := tr.loader.Plan()
		if len(plan.First) != n/12*12 || !slices.Equal(plan.First, plan.Second) {
			t.Fatalf("a plan of %d rows for %d images", len(plan.First), n)
		}
		for at := 0; at < len(plan.First); at += 12 {
			batch := plan.First[at : at+12] // groups of 5, 5 and 2
			asked = append(asked, batch[0], batch[5], batch[10])
			for _, group := range [][]int32{batch[:5], batch[5:10], batch[10:]} {
				sorted := slices.Clone(group)
				slices.Sort(sorted)
				if len(slices.Compact(sorted)) != len(group) {
					t.Errorf("group %v has an image twice", group)
				}
			}
		}
	}
	asked = asked[:n]
	slices.Sort(asked)
	if !slices.Equal(asked, near) {
		t.Errorf("of %d images %d were queries", n, len(slices.Compact(asked)))
	}
}

// TestSTMLBeginsWithTheNetwork: the teacher is the network's copy in a new run, and in one that goes on after no epochs.
func TestSTMLBeginsWithTheNetwork(t *testing.T) {
	c := tiny(t, func(c *setting.Config) { selfTaught(c); c.Epochs = 0 })
	if _, _, err := trainTiny(t, c); err != nil {
		t.Fatal(err)
	}
	c.Epochs = 1
	tr, err := Resume(context.Background(), c.Out, c, Session{UI: images.UI{Log: zerolog.Nop()}})
	if err != nil {
		t.Fatal(err)
	}
	defer tr.Close()
	teacher := tr.method.(method.Stateful).State()
	if len(teacher) < 10 {
		t.Errorf("a teacher of %d tensors", len(teacher))
	}
	for _, p := range teacher {
		if !slices.Equal(kernels.Read[float32](p.Value), kernels.Read[float32](tr.Network.Store.Get(p.Name).Value)) {
			t.Errorf("%s is not the network's", p.Name)
		}
	}
}

// TestSTMLStart: the embedding layer begins orthogonal and without a bias, as the authors' does: it is never trained, and would move what
// the lengths are taken of.
func TestSTMLStart(t *testing.T) {
	c := tiny(t, selfTaught)
	tr, err := New(context.Background(), c, Session{UI: images.UI{Log: zerolog.Nop()}})
	if err != nil {
		t.Fatal(err)
	}
	defer tr.Close()
	w, b := tr.Network.Store.Get(head.EmbeddingName+".weight").Value, tr.Network.Store.Get(head.EmbeddingName+".bias").Value
	if bias := kernels.Read[float32](b); slices.ContainsFunc(bias, func(v float32) bool { return !(v == 0) }) {
		t.Errorf("bias %v", bias)
	}
	rows, columns := w.Dim(0), w.Dim(1)
	values := kernels.Read[float32](w)
	for i := range rows {
		for j := range i + 1 {
			product, want := 0.0, 0.0
			for k := range columns {
				product += float64(values[i*columns+k]) * float64(values[j*columns+k])
			}
			if i == j {
				want = 1
			}
			if !(math.Abs(product-want) < 1e-5) {
				t.Fatalf("rows %d and %d have the product %g", i, j, product)
			}
		}
	}
}
