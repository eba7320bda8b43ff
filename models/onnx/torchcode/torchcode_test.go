package torchcode_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/models/backbone"
	"udml-gpu/models/layer"
	"udml-gpu/models/onnx"
	"udml-gpu/models/onnx/torchcode"
	"udml-gpu/models/tape"
)

// code is the forward pass of a network's features on images of its usual size, or of the size that is given.
func code(t *testing.T, name string, size int) *torchcode.Code {
	t.Helper()
	net, err := backbone.Find(name)
	if err != nil {
		t.Fatal(err)
	}
	dev := kernels.NewCPU()
	defer dev.Close()
	record := tape.New(dev)
	store := layer.NewStore(dev, 1)
	images := record.Input(1, size, size, 3)
	_, pooled := net.Features(layer.NewScope(record, store), images)
	arena := tape.NewArena(dev)
	defer arena.Free()
	m, err := onnx.Translate(onnx.Recording{Tape: record, Images: images, Result: pooled, Arena: arena}, onnx.Options{Pixels: true})
	if err != nil {
		t.Fatal(err)
	}
	c, err := torchcode.Write(m)
	if err != nil {
		t.Fatal(err)
	}
	return c
}
