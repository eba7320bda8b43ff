package layer_test

import (
	"math"
	"slices"
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/kernels/act"
	"udml-gpu/models/layer"
	"udml-gpu/models/tape"
)

// rows are the samples and views of a batch of so many images in two views.
func rows(dev *kernels.Device, images int) (samples, views *kernels.Array) {
	samples, views = dev.New(kernels.Int32, 2*images), dev.New(kernels.Int32, 2*images)
	for i := range 2 * images {
		kernels.Data[int32](samples)[i], kernels.Data[int32](views)[i] = int32(i%images), int32(i/images)
	}
	return samples, views
}

// dropping is s in a pass over images of which the last of two blocks is dropped with probability p.
func dropping(s *layer.Scope, images *tape.Var, p float64) *layer.Scope {
	samples, views := rows(s.Tape.Device(), images.Dim(0)/2)
	d := &layer.DropPath{Most: p, Clock: layer.ClockAt(s.Tape.Device(), 3, 2)}
	d.Shows(images, s.Tape.Input(samples), s.Tape.Input(views))
	return s.Dropping(d).Seeing(images)
}

// last is the last block of two.
var last = layer.Depth{Block: 1, Of: 2}

// TestBranch: in a dropped row the block's output is its input, bit for bit, and in the others the branch is divided by 1-p; gradients
// agree with finite differences.
func TestBranch(t *testing.T) {
	const images, p = 8, 0.4
	dev := kernels.CPU()
	samples, views := rows(dev, images)
	keep := dev.New(kernels.Uint8, 2*images)
	act.DropPathMask(keep, samples, views, 3, kernels.Of(dev, []int32{2}, 1), 5, p)
	kept := kernels.Data[uint8](keep)
	if !slices.Contains(kept, 0) || !slices.Contains(kept, 1) {
		t.Fatalf("the mask %v shows nothing", kept)
	}
	block := func(p float64) []float64 {
		return kernels.Data[float64](checkGradients(t, "branch", []int{2 * images, 3}, func(s *layer.Scope, x *tape.Var) *tape.Var {
			if p > 0 {
				s = dropping(s, x, p)
			}
			h := layer.Branch(s, layer.Sigmoid(s, x), 5, last)
			return layer.ScaleAdd(s, "gamma", x, h, 0.5)
		}))
	}
	x := kernels.Data[float64](checkGradients(t, "input", []int{2 * images, 3}, func(s *layer.Scope, x *tape.Var) *tape.Var {
		return layer.Add(s, x, x)
	}))
	plain, dropped := block(0), block(p)
	for i, got := range dropped {
		in := x[i] / 2
		want := in
		if kept[i/3] == 1 {
			want = in + (plain[i]-in)/(1-p)
		}
		if kept[i/3] == 0 && got != in || !(math.Abs(got-want) <= 1e-12) {
			t.Errorf("element %d, kept %d: %g, want %g", i, kept[i/3], got, want)
		}
	}
}

// TestNoBranch: nothing is recorded in the first block, without a probability, in evaluation, or in a block that is not trained.
func TestNoBranch(t *testing.T) {
	dev := kernels.CPU()
	for name, c := range map[string]struct {
		training bool
		p        float64
		trained  int
		at       layer.Depth
		dropped  bool
	}{
		"last":                 {true, 0.4, layer.AllBlocks, last, true},
		"last, trained alone":  {true, 0.4, 1, last, true},
		"first":                {true, 0.4, layer.AllBlocks, layer.Depth{Block: 0, Of: 2}, false},
		"one of one":           {true, 0.4, layer.AllBlocks, layer.Depth{Block: 0, Of: 1}, false},
		"before what is train": {true, 0.4, 1, layer.Depth{Block: 1, Of: 3}, false},
		"evaluation":           {false, 0.4, layer.AllBlocks, last, false},
		"off":                  {true, 0, layer.AllBlocks, last, false},
	} {
		tp, store := tape.New(dev, kernels.Float32, c.training), layer.NewStore(dev, kernels.Float32, 1)
		store.Divide(layer.Division{Blocks: []string{"a", "b"}, Train: c.trained})
		x := tp.Input(dev.New(kernels.Float32, 4, 3))
		s := dropping(layer.NewScope(tp, store), x, c.p)
		if y := layer.Branch(s, x, 0, c.at); (y != x) != c.dropped {
			t.Errorf("%s: dropped %v, want %v", name, y != x, c.dropped)
		}
	}
}

// TestUnknownImages: a pass over images of which nothing says what their rows show is refused where branches are dropped.
func TestUnknownImages(t *testing.T) {
	dev := kernels.CPU()
	tp := tape.New(dev, kernels.Float32, true)
	x := tp.Input(dev.New(kernels.Float32, 4, 3))
	defer func() {
		if recover() == nil {
			t.Error("images without rows are taken")
		}
	}()
	layer.NewScope(tp, layer.NewStore(dev, kernels.Float32, 1)).Dropping(&layer.DropPath{Most: 0.1}).Seeing(x)
}
