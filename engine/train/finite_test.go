package train

import (
	"context"
	"errors"
	"math"
	"strings"
	"testing"

	"udml-gpu/engine/data/baddata"
	"udml-gpu/engine/inference"
	"udml-gpu/engine/network"
	"udml-gpu/kernels"
	"udml-gpu/models/weights"
	"udml-gpu/models/weights/file"
)

// TestNotFiniteImagesAreNamed: every row of every array is checked.
func TestNotFiniteImagesAreNamed(t *testing.T) {
	tr := openTiny(t, tiny(t, nil))
	n := tr.train.Len()
	one, two := tr.Network.Device.New(kernels.Float32, n, 3), tr.Network.Device.New(kernels.Float32, n, 2)
	defer one.Free()
	defer two.Free()
	if err := tr.Network.WantFinite(tr.train, one, two); err != nil {
		t.Fatal(err)
	}
	values := make([]float32, 3*n)
	values[3*n-1], values[3*4+1] = float32(math.NaN()), float32(math.Inf(1))
	kernels.Write(one, values)
	other := make([]float32, 2*n)
	other[2*2] = float32(math.Inf(-1))
	kernels.Write(two, other)
	err := tr.Network.WantFinite(tr.train, one, two)
	var bad *network.NotFinite
	if !errors.As(err, &bad) || bad.Bad != 3 || bad.Of != n || bad.First != tr.train.Name(2) {
		t.Fatalf("error %v", err)
	}

	var file *baddata.Error
	early := tr.explain(err)
	if !errors.As(early, &file) || errors.Is(early, network.ErrDiverged) || !strings.Contains(early.Error(), tr.train.Name(2)) {
		t.Errorf("before any training: %v", early)
	}
	tr.state.Step = 1
	if d := wantDivergence(t, tr.explain(err), networkReason); d.Step != 1 || !strings.Contains(d.Error(), tr.train.Name(2)) {
		t.Errorf("%v", d)
	}
	q := inference.Request{Config: tr.Network.Config}
	if err := q.Explain(err); !errors.As(err, &file) || errors.Is(err, network.ErrDiverged) {
		t.Errorf("of weights: %v", err)
	}
	q.Run = "r"
	of := q.Explain(err)
	if !errors.Is(of, network.ErrDiverged) || !strings.Contains(of.Error(), "3 of") || !strings.Contains(of.Error(), "the run r ") {
		t.Errorf("of a run: %v", of)
	}
	if q.Explain(nil) != nil || tr.explain(context.Canceled) != context.Canceled {
		t.Error("other errors are changed")
	}
}

// TestRunWithNaN: a checkpoint with numbers that are not finite is refused, with the tensor's name and their count.
func TestRunWithNaN(t *testing.T) {
	tr := openTiny(t, tiny(t, nil))
	poison(tr, "features.4.weight", float32(math.NaN()))
	f := &file.Weights{Tensors: weights.Dump(tr.Network.Store.Params())}
	err := tr.Network.Load(f)
	var bad *baddata.Error
	says := `model.safetensors cannot be used: tensor "features.4.weight" holds 1 of 36864 numbers`
	if !errors.As(err, &bad) || !strings.Contains(err.Error(), says) {
		t.Errorf("error %v", err)
	}
}

// TestFeaturesOfPlainImages: images of one colour give finite rows, also where the embedding layer gives only zeros.
func TestFeaturesOfPlainImages(t *testing.T) {
	tr := openTiny(t, tiny(t, nil))
	n := tr.Network
	for _, name := range []string{"", "embedding.weight"} { // the second time all rows are 0 before they are normalised
		if name != "" {
			n.Store.Get(name).Value.Zero()
			n.Store.Get("embedding.bias").Value.Zero()
		}
		f, err := n.EmbedImages(context.Background(), 3, func(dst *kernels.Array, first int) { dst.Zero() })
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range append(kernels.Read[float32](f.Embedding), kernels.Read[float32](f.Pooled)...) {
			if v-v != 0 {
				t.Fatalf("%q: %g", name, v)
			}
		}
		f.Free()
	}
}
