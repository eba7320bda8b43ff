package network

import (
	"udml-gpu/kernels"
	"udml-gpu/models/layer"
	"udml-gpu/models/onnx"
	"udml-gpu/models/tape"
)

// ONNX is the network, up to its pooled features or its embedding, as a model of ONNX for images of --size; with pixels it normalises
// them too. The error names a layer that has no translation.
func (n *Network) ONNX(pooled, pixels bool) (*onnx.Model, error) {
	s := n.scope().Wide()
	images, f := n.record(s, 1, n.Device.New)
	arena := tape.NewArena(n.Device)
	defer f.Images.Free()
	defer arena.Free()
	result := f.Embedding
	if pooled {
		result = f.Pooled
	}
	return onnx.Translate(
		onnx.Recording{Tape: s.Tape, Images: images, Result: result, Arena: arena}, onnx.Options{Pixels: pixels, Invert: n.Config.Invert})
}

// Positions are the positions of the patches of images of --size [h w,D], as the network resizes the learned ones; nil where it has none.
func (n *Network) Positions() []float32 {
	scope := n.scope().Wide()
	_, f := n.record(scope, 1, n.Device.New)
	arena := tape.NewArena(n.Device)
	defer f.Images.Free()
	defer arena.Free()
	for _, op := range scope.Tape.Ops() {
		if s, ok := op.Spec.(layer.TokensSpec); ok && s.Pos != nil {
			scope.Tape.Compile(arena, nil, s.Pos).Forward()
			return kernels.Read[float32](s.Pos.Value())
		}
	}
	return nil
}
