package train

import (
	"bytes"
	"context"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rs/zerolog"

	"udml-gpu/engine/data"
	"udml-gpu/engine/data/loader"
	"udml-gpu/engine/images"
	"udml-gpu/engine/machine"
	"udml-gpu/engine/method"
	"udml-gpu/engine/network"
	"udml-gpu/engine/setting"
	"udml-gpu/kernels"
	"udml-gpu/kernels/parity"
)

func withNeighbours(c *setting.Config) {
	c.Data, c.Epochs = data.Demo(2), 2
	c.Set("positives", "neighbours")
}

// TestNeighboursAreNearest: those that the trainer finds are those of a plain loop over all pairs of pooled features.
func TestNeighboursAreNearest(t *testing.T) {
	tr, err := New(context.Background(), tiny(t, withNeighbours), Session{UI: images.UI{Log: zerolog.Nop()}})
	if err != nil {
		t.Fatal(err)
	}
	defer tr.Close()
	wantNearest(t, tr)
}

// neighboursOf are those that the method keeps for its epoch.
func neighboursOf(tr *Trainer) []int32 {
	list, _ := tr.method.(method.EpochKeeper).EpochState()["neighbours"].([]int32)
	return list
}

// wantNearest holds what the trainer finds against float64 sums. Those in float32, of so few channels, are right to 1e-5: a
// neighbour may be another one by no more than that.
func wantNearest(t *testing.T, tr *Trainer) {
	t.Helper()
	if err := tr.plan(context.Background(), 1); err != nil {
		t.Fatal(err)
	}
	got := neighboursOf(tr)
	f, err := tr.Network.Embed(context.Background(), tr.train)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Free()
	x, n, d := kernels.Read[float32](f.Pooled), f.Pooled.Dim(0), f.Pooled.Dim(1)
	cosine := func(i, j int) float64 {
		var xy, xx, yy float64
		for k := range d {
			a, b := float64(x[i*d+k]), float64(x[j*d+k])
			xy, xx, yy = xy+a*b, xx+a*a, yy+b*b
		}
		return xy / math.Sqrt(xx*yy)
	}
	for i, j := range got {
		best := math.Inf(-1)
		for other := range n {
			if other != i {
				best = max(best, cosine(i, other))
			}
		}
		if j < 0 || int(j) == i || !(cosine(i, int(j)) >= best-1e-5) {
			t.Fatalf("image %d is paired with %d, cosine %g; the nearest has %g", i, j, cosine(i, int(j)), best)
		}
	}
}

// TestNeighboursResume: an epoch, a stop and an epoch more end in the bytes of two epochs, with other workers; and in
// others than without neighbours.
func TestNeighboursResume(t *testing.T) {
	_, whole, err := trainTiny(t, tiny(t, func(c *setting.Config) { withNeighbours(c); c.Workers = 3 }))
	if err != nil {
		t.Fatal(err)
	}
	half := tiny(t, func(c *setting.Config) { withNeighbours(c); c.Epochs, c.Workers = 1, 1 })
	if _, _, err := trainTiny(t, half); err != nil {
		t.Fatal(err)
	}
	half.Epochs = 2
	tr, err := Resume(context.Background(), half.Out, half, Session{UI: images.UI{Log: zerolog.Nop()}})
	if err != nil {
		t.Fatal(err)
	}
	tr.test.Close()
	tr.test = tr.train
	_, err = tr.Train(context.Background())
	tr.Close()
	if err != nil {
		t.Fatal(err)
	}
	if resumed, _ := os.ReadFile(filepath.Join(half.Out, "checkpoints", "last", network.ModelFile)); !bytes.Equal(resumed, whole) {
		t.Error("the resumed run ends in another model")
	}
	_, self, err := trainTiny(t, tiny(t, func(c *setting.Config) { withNeighbours(c); c.Set("positives", "self") }))
	if err != nil || bytes.Equal(self, whole) {
		t.Errorf("neighbours change nothing: %v", err)
	}
}

// TestNeighboursStayInTheirEpoch: those that a trainer has already, as from a checkpoint in the middle of an epoch, are
// used as they are, and the next epoch finds its own.
func TestNeighboursStayInTheirEpoch(t *testing.T) {
	tr, err := New(context.Background(), tiny(t, withNeighbours), Session{UI: images.UI{Log: zerolog.Nop()}})
	if err != nil {
		t.Fatal(err)
	}
	defer tr.Close()
	odd := make([]int32, tr.train.Len())
	for i := range odd {
		odd[i] = int32((i + 1) % len(odd))
	}
	keeper, ctx := tr.method.(method.EpochKeeper), context.Background()
	list, err := json.Marshal(odd)
	if err != nil {
		t.Fatal(err)
	}
	if err := keeper.SetEpochState(1, len(odd), map[string]json.RawMessage{"neighbours": list}); err != nil {
		t.Fatal(err)
	}
	if err := tr.plan(ctx, 1); err != nil || !slices.Equal(neighboursOf(tr), odd) {
		t.Fatalf("the neighbours were changed: %v", err)
	}
	for b := range tr.loader.Epoch(1, 0) {
		for i, s := range b.Samples {
			if b.Second[i] != s && b.Second[i] != odd[s] {
				t.Fatalf("image %d is shown with %d", s, b.Second[i])
			}
		}
	}
	if err := tr.plan(ctx, 2); err != nil || slices.Equal(neighboursOf(tr), odd) {
		t.Fatalf("the next epoch has the neighbours of the last: %v", err)
	}
	for _, wrong := range []string{"[0]", "7", "[-2" + strings.Repeat(",0", len(odd)-1) + "]", "[99" + strings.Repeat(",0", len(odd)-1) + "]"} {
		if keeper.SetEpochState(1, len(odd), map[string]json.RawMessage{"neighbours": []byte(wrong)}) == nil {
			t.Errorf("%.20s is taken", wrong)
		}
	}
}

// TestNeighboursEndWithTheContext: a stop while they are looked for is a stop.
func TestNeighboursEndWithTheContext(t *testing.T) {
	tr, err := New(context.Background(), tiny(t, withNeighbours), Session{UI: images.UI{Log: zerolog.Nop()}})
	if err != nil {
		t.Fatal(err)
	}
	defer tr.Close()
	ctx, stop := context.WithCancel(context.Background())
	stop()
	if err := tr.plan(ctx, 1); err != context.Canceled || neighboursOf(tr) != nil {
		t.Fatalf("error %v, %d neighbours", err, len(neighboursOf(tr)))
	}
}

// TestGPUNeighbours: on the GPU the neighbours are the nearest too, and views of neighbours are the CPU's bit for bit, whether
// the images lie there or travel with each batch.
func TestGPUNeighbours(t *testing.T) {
	parity.OnGPU(t, func(t *testing.T, _ *kernels.Device) {
		var want []byte
		for _, device := range []string{"cpu", "cuda"} {
			c := tiny(t, func(c *setting.Config) { withNeighbours(c); c.Device = device })
			tr, err := New(context.Background(), c, Session{UI: images.UI{Log: zerolog.Nop()}})
			if err != nil {
				t.Fatal(err)
			}
			views := pairedViews(tr)
			tr.loader.Close()
			tr.train.Evict()
			tr.makeLoader(c)
			if travelling := pairedViews(tr); !bytes.Equal(travelling, views) {
				t.Errorf("%s: views of images that travel differ", device)
			}
			if want != nil && !bytes.Equal(views, want) {
				t.Error("the views are not the CPU's")
			}
			want = views
			wantNearest(t, tr)
			if err := machine.Fault(tr.Network.Device); err != nil {
				t.Error(err)
			}
			tr.Close()
		}
	})
}

// pairedViews are firstViews where each image's neighbour is the one after it.
func pairedViews(tr *Trainer) []byte {
	order := loader.Order(0, 1, tr.train.Len())
	next := make([]int32, len(order))
	for i, image := range order {
		next[i] = (image + 1) % int32(len(order))
	}
	tr.loader.Follow(&loader.Plan{First: order, Second: next})
	return firstViews(tr)
}
