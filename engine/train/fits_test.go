package train

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"udml-gpu/engine/machine"
	"udml-gpu/engine/setting"
	"udml-gpu/kernels"
)

// wide are the settings of a step on 8 images of 64 pixels.
func wide(t *testing.T, network, method string, parts int) setting.Config {
	t.Helper()
	c := setting.Defaults()
	c.Backbone, c.Pretrained, c.Size, c.Batch, c.Accumulate, c.Method = network, "false", 64, 8, parts, method
	if strings.Contains(network, ":") {
		c.Size = 56
	}
	c.Set("clusters", 3)
	if err := c.Resolve(); err != nil {
		t.Fatal(err)
	}
	return c
}

// bytesOf is what a step of c takes.
func bytesOf(t *testing.T, c setting.Config) memory {
	t.Helper()
	need, err := stepBytes(c, c.Batch, nil)
	if err != nil {
		t.Fatal(err)
	}
	return need
}

// stepNetworks have stages that are pooled together, batch norm, attention.
var stepNetworks = []string{"squeezenet", "conv4", "dinov2:dim=64,depth=12,heads=1"}

// TestStepMemory: what a step is said to take, without memory for it, is what it takes.
func TestStepMemory(t *testing.T) {
	for _, name := range stepNetworks {
		for i, parts := range []int{1, 3, 1, 3, 1} {
			c, precision := wide(t, name, "cbswr", parts), kernels.FP32
			c.Recompute = i == 2 || i == 3
			if i == 4 {
				precision = kernels.BF16
				c.Precision = precision.String()
			}
			need := bytesOf(t, c)
			dev := kernels.CPUAt(precision)
			l, err := BareLearner(c, dev)
			if err != nil {
				t.Fatal(err)
			}
			if got := l.Network.Arena.Bytes(); int64(got) != need.planned {
				t.Errorf("%s in %d parts: %d bytes are planned and %d taken", name, parts, need.planned, got)
			}
			images := int64(l.StepFor(c.Batch).Images[0].Bytes())
			// the rest of the memory are parameters, numbers of images, and the inputs of forward passes
			rest := dev.LiveBytes() - int64(l.Network.Arena.Bytes()) - images
			if need.images != 4*images || !(float64(need.parameters) > 0.9*float64(rest)-float64(images) && need.parameters <= 2*rest) {
				t.Errorf("%s in %d parts: %+v, and the images take %d, the rest %d", name, parts, need, images, rest)
			}
			l.Free()
			dev.Close()
		}
	}
}

// TestPartsTakeLessMemory: in four parts a step takes little more than a quarter, and what the loss reads; each further part less.
func TestPartsTakeLessMemory(t *testing.T) {
	for _, name := range stepNetworks {
		for _, method := range []string{"rim", "cbswr", "instance"} {
			var bytes []float64
			for _, parts := range []int{1, 2, 4, 8} {
				n, err := StepMemory(wide(t, name, method, parts))
				if err != nil {
					t.Fatal(err)
				}
				bytes = append(bytes, float64(n))
			}
			most := 0.28
			if method == "cbswr" {
				most = 0.35 // the maps of the whole batch, and their gradient
			}
			if !(bytes[1] < 0.6*bytes[0] && bytes[2] < most*bytes[0] && bytes[3] < bytes[2]) {
				t.Errorf("%s of %s: %.0f bytes in 1, 2, 4 and 8 parts", method, name, bytes)
			}
		}
	}
}

// TestRefusalNamesParts: the message names the smallest number of parts that fits, and none where none does.
func TestRefusalNamesParts(t *testing.T) {
	for _, with := range []int{1, 2} {
		c := wide(t, "squeezenet", "rim", with)
		for parts := with + 1; parts <= c.Batch; parts++ {
			in := c
			in.Accumulate = parts
			need := bytesOf(t, in)
			in.Accumulate--
			before := bytesOf(t, in)
			if before.all() == need.all() { // its largest part is no smaller
				continue
			}
			err := checkFits(c, c.Batch, nil, need.all(), "")
			var device *machine.DeviceError
			want := fmt.Sprintf("--accumulate %d needs ", parts)
			if !errors.As(err, &device) || !strings.Contains(err.Error(), want) {
				t.Errorf("with %d parts, and memory for %d: %v", with, parts, err)
			}
			if named := strings.Contains(fmt.Sprint(err), "--size 64 with --accumulate 2 needs"); named != (with == 2) {
				t.Errorf("with %d parts: %v", with, err)
			}
		}
		if err := checkFits(c, c.Batch, nil, 1<<20, " on this"); err == nil || strings.Contains(err.Error(), "iB;") ||
			!strings.Contains(err.Error(), "and 1 MiB are free on this: lower --batch") {
			t.Errorf("with %d parts and memory for none: %v", with, err)
		}
	}
	c := wide(t, "squeezenet", "rim", 1)
	need := bytesOf(t, c)
	just := need.planned + need.images + need.parameters + need.evaluation
	if err := checkFits(c, c.Batch, nil, just, ""); err != nil {
		t.Errorf("a step that fits is refused: %v", err)
	}
	if checkFits(c, c.Batch, nil, just-1, "") == nil {
		t.Error("a step that just does not fit is not refused")
	}
}

// TestRefusalNamesRecompute: the message names blocks that are computed again where that makes the step fit, alone or in parts.
func TestRefusalNamesRecompute(t *testing.T) {
	c := wide(t, "dinov2:dim=64,depth=12,heads=1", "rim", 1)
	again := c
	again.Recompute = true
	less, err := stepBytes(again, c.Batch, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range []struct {
		c         setting.Config
		free      int64
		want, not string
	}{
		{c, less.all(), ": --recompute needs " + room(less.all()) + "; --accumulate ", "--recompute --accumulate"},
		{c, less.all() - 1, ": --accumulate ", "--recompute"},
		{c, less.all() - less.planned/2, ": --recompute --accumulate ", "; --accumulate"},
		{again, less.all() - 1, " with --recompute needs about ", "--recompute needs " + room(less.all())},
		{c, 1 << 10, "are free: lower --batch", "--recompute"},
	} {
		err := checkFits(k.c, c.Batch, nil, k.free, "")
		if err == nil || !strings.Contains(err.Error(), k.want) || strings.Contains(err.Error(), k.not) {
			t.Errorf("%d bytes are free: %v, want %q and not %q", k.free, err, k.want, k.not)
		}
	}
}

func TestCheckFitsRefusesTheImpossible(t *testing.T) {
	c := setting.Defaults()
	c.Size, c.Batch = 1024, 1<<16
	if err := c.Resolve(); err != nil {
		t.Fatal(err)
	}
	var device *machine.DeviceError
	if err := CheckFits(c, 1<<20, nil, kernels.CPU()); !errors.As(err, &device) || !strings.Contains(err.Error(), "--batch 65536") {
		t.Errorf("got %v", err)
	}
	if err := CheckFits(c, 0, nil, kernels.CPU()); err != nil {
		t.Errorf("an empty step was refused: %v", err)
	}
}
