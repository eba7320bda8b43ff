package train

import (
	"bytes"
	"math"
	"slices"
	"testing"

	"udml-gpu/engine/setting"
	"udml-gpu/kernels"
)

// deep are the settings of a step of a small transformer with stochastic depth.
func deep(t *testing.T, change func(c *setting.Config)) setting.Config {
	t.Helper()
	return tiny(t, func(c *setting.Config) {
		c.Backbone, c.Pretrained, c.Channels, c.Invert, c.Size = "dinov2:dim=64,depth=3,heads=1", "false", 3, false, 28
		c.DropPath, c.LR, c.Optimizer = 0.5, 0.01, "adamw"
		change(c)
	})
}

// TestResumeDropPath: one epoch, a stop and another epoch give the bytes of two epochs, which are not those without stochastic depth.
func TestResumeDropPath(t *testing.T) {
	two := func(p float64) []byte {
		_, model, err := trainTiny(t, deep(t, func(c *setting.Config) { c.Epochs, c.DropPath = 2, p }))
		if err != nil {
			t.Fatal(err)
		}
		return model
	}
	whole := two(0.5)
	half := deep(t, func(*setting.Config) {})
	if _, _, err := trainTiny(t, half); err != nil {
		t.Fatal(err)
	}
	half.Epochs = 2
	if _, got := resumedModel(t, half, nil); !bytes.Equal(got, whole) {
		t.Error("a resumed run has other bytes")
	}
	if bytes.Equal(two(0), whole) {
		t.Error("stochastic depth changes nothing")
	}
}

// TestDropPathOfARow: what a row goes without is a matter of its image and view: the embedding of the same images is the same in a
// batch of other size and order. In networks with layer norms alone nothing else joins the rows, but for the rounding of matrix products,
// which some BLAS compute otherwise for another number of rows.
func TestDropPathOfARow(t *testing.T) {
	embed := func(samples []int32) map[[2]int32][]float32 {
		c := deep(t, func(c *setting.Config) {
			c.Batch, c.Method = len(samples), "instance"
			c.Backbone = "vit:dim=64,depth=3,heads=1,patch=14,grid=2" // has no layer scale, which makes a path small
		})
		l, err := BareLearner(c, kernels.CPU())
		if err != nil {
			t.Fatal(err)
		}
		defer l.Free()
		l.numbers.setEpoch(3)
		s := l.StepFor(c.Batch)
		both := slices.Concat(samples, samples)
		kernels.Write(s.samples, both)
		pixels := kernels.Data[float32](s.Images[0])
		each := len(pixels) / len(both)
		for i := range pixels {
			pixels[i] = float32((i%each)*7%251*int(both[i/each]+1)%256) / 255
		}
		s.program.Forward()
		rows, dim := map[[2]int32][]float32{}, c.Dim
		f := kernels.Read[float32](s.out.Embedding.Value())
		for i, sample := range both {
			rows[[2]int32{sample, int32(i / len(samples))}] = f[i*dim : (i+1)*dim]
		}
		return rows
	}
	many, few := embed([]int32{4, 9, 2, 7, 1, 30}), embed([]int32{7, 4})
	views := 0
	for row, f := range few {
		if !(apart(f, many[row]) <= 1e-5) {
			t.Errorf("view %d of image %d differs in another batch", row[1], row[0])
		}
		if d := apart(f, few[[2]int32{row[0], 1}]); row[1] == 0 && d > 0.1 {
			views++
		}
	}
	if views == 0 {
		t.Error("two views of the same pixels are always the same: nothing is drawn")
	}
}

// apart is the largest difference of two rows; not a number where one holds such.
func apart(a, b []float32) (largest float64) {
	for i := range a {
		largest = max(largest, math.Abs(float64(a[i])-float64(b[i])))
	}
	return largest
}

// TestDropPathOfEachSize: the views of another size go through the network with the samples of their own rows.
func TestDropPathOfEachSize(t *testing.T) {
	s, p := probed(nil)
	c := tiny(t, func(c *setting.Config) {
		c.Backbone, c.Pretrained, c.Channels, c.Invert, c.Size = "vit:dim=64,depth=2,heads=1,patch=4,grid=4", "false", 3, false, 16
		c.DropPath, c.FinalWhiten = 0.5, false
	})
	trainWith(t, c, s, nil)
	p.bank.Value.Free()
}
