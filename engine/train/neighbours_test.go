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

// TestNeighboursAreNearest: the neighbours are those of a plain loop over all pairs of pooled features.
func TestNeighboursAreNearest(t *testing.T) {
	tr, err := New(context.Background(), tiny(t, withNeighbours), Session{UI: images.UI{Log: zerolog.Nop()}})
	if err != nil {
		t.Fatal(err)
	}
	defer tr.Close()
	wantNearest(t, tr)
}

// neighboursOf are the neighbours that the method has for its epoch.
func neighboursOf(tr *Trainer) []int32 {
	list, _ := tr.method.(method.EpochKeeper).EpochState()["neighbours"].([]int32)
	return list
}

// wantNearest compares the neighbours with a search in float64. Sums in float32 over so few channels are right to 1e-5, so a
// neighbour may be farther than the nearest by that much.
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

// TestNeighboursResume: one epoch, a stop and another epoch give the bytes of two epochs, with another number of workers, and
// other bytes than without neighbours.
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
	onTrainImages(tr)
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

// TestNeighboursStayInTheirEpoch: neighbours that were restored from a checkpoint in the middle of an epoch are used for that
// epoch, and the next epoch finds new ones.
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
	rest := strings.Repeat(",0", len(odd)-1) + "]"
	for _, wrong := range []string{"[0]", "7", "[-2" + rest, "[99" + rest} {
		if keeper.SetEpochState(1, len(odd), map[string]json.RawMessage{"neighbours": []byte(wrong)}) == nil {
			t.Errorf("%.20s is accepted", wrong)
		}
	}
}

// TestNeighboursEndWithTheContext: the search for neighbours ends with the context.
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

// TestGPUNeighbours: on the GPU too the neighbours are the nearest. Views of neighbours equal the CPU's bit for bit, whether the
// images are kept on the device or uploaded with each batch.
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
			if uploaded := pairedViews(tr); !bytes.Equal(uploaded, views) {
				t.Errorf("%s: views of images that are uploaded with each batch differ", device)
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

// pairedViews are firstViews with the next image as the neighbour of each image.
func pairedViews(tr *Trainer) []byte {
	order := loader.Order(0, 1, tr.train.Len())
	next := make([]int32, len(order))
	for i, image := range order {
		next[i] = (image + 1) % int32(len(order))
	}
	tr.loader.Follow(&loader.Plan{First: order, Second: next})
	return firstViews(tr)
}
