package torchcode_test

import (
	"regexp"
	"strings"
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/models/backbone"
	"udml-gpu/models/head"
	"udml-gpu/models/layer"
	"udml-gpu/models/onnx"
	"udml-gpu/models/onnx/torchcode"
	"udml-gpu/models/tape"
)

// code is the forward pass of a network with an embedding layer.
func code(t *testing.T, name, pool string) *torchcode.Code {
	t.Helper()
	net, err := backbone.Find(name)
	if err == nil {
		net, err = net.Pooled(pool)
	}
	if err != nil {
		t.Fatal(err)
	}
	dev := kernels.CPU()
	tp := tape.New(dev, kernels.Float32, false)
	size := max(net.MinSize, 3*net.Step)
	images := tp.Input(dev.New(kernels.Float32, 1, size, size, 3))
	s := layer.NewScope(tp, layer.NewStore(dev, kernels.Float32, 1))
	_, pooled := net.Features(s, images)
	m, err := onnx.Translate(onnx.Recording{Tape: tp, Images: images, Result: head.Embedding(s, pooled, 4), Arena: tape.NewArena(dev)},
		onnx.Options{Pixels: true})
	if err != nil {
		t.Fatal(err)
	}
	c, err := torchcode.Write(m)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

var (
	variable = regexp.MustCompile(`\bx\d+\b`)
	tensor   = regexp.MustCompile(`\bw\["([^"]+)"\]`)
)

// Every variable is written before it is read, every tensor is in the file and read, and as few variables are alive as the network needs.
// scripts/export_checks/torch_folders.py runs the lines in PyTorch.
func TestLines(t *testing.T) {
	for _, c := range []struct {
		name, pool string
		alive      int
	}{
		{"conv4", "gem", 2},
		{"squeezenet1_1", "mean+max", 5},
		{"resnet18", "mean", 2},
		{"bninception", "mean", 5},
		{"vit:dim=16,depth=2,heads=2,patch=8,grid=3", "cls", 6},
		{"dinov3:dim=16,depth=2,heads=2,patch=16", "cls+mean", 8},
		{"siglip:dim=16,depth=1,heads=2,patch=8,grid=3", "head", 6},
		{"clip:dim=16,depth=1,heads=2,patch=8,grid=3,gelu=quick,out=8", "head", 6},
	} {
		made := code(t, c.name, c.pool)
		inFile, read, written := map[string]bool{}, map[string]bool{}, map[string]bool{}
		for _, f := range made.Tensors {
			if inFile[f.Name] || strings.Contains(f.Name, "/") {
				t.Errorf("%s: a tensor is called %s", c.name, f.Name)
			}
			inFile[f.Name] = true
		}
		for i, line := range made.Lines {
			to, from, found := strings.Cut(line, " = ")
			if last := i == len(made.Lines)-1; last != strings.HasPrefix(line, "return x") || last == found {
				t.Fatalf("%s: line %d of %d is %s", c.name, i, len(made.Lines), line)
			}
			if !found {
				to, from = "", line
			}
			for _, x := range variable.FindAllString(from, -1) {
				if !written[x] {
					t.Errorf("%s: %s reads %s, which nothing before it writes", c.name, line, x)
				}
			}
			for _, x := range variable.FindAllString(to, -1) {
				written[x] = true
			}
			for _, w := range tensor.FindAllStringSubmatch(from, -1) {
				read[w[1]] = true
				if !inFile[w[1]] {
					t.Errorf("%s: %s reads a tensor that the file does not have", c.name, line)
				}
			}
		}
		if len(read) != len(inFile) || len(written) > c.alive {
			t.Errorf("%s: %d of %d tensors are read; %d variables, want at most %d", c.name, len(read), len(inFile), len(written), c.alive)
		}
	}
}
