package backbone

import (
	"udml-gpu/kernels/act"
	"udml-gpu/kernels/resize"
	"udml-gpu/models/backbone/vit"
	"udml-gpu/models/layer"
	"udml-gpu/models/tape"
)

// Network is the network that the spec describes. It is the error of Check for a spec that no network can have.
func (s Spec) Network() (Network, error) {
	if err := s.Check(); err != nil {
		return Network{}, err
	}
	f, err := familyOf(s.Family)
	if err != nil {
		return Network{}, err
	}
	n := Network{
		Name: s.Name(), Channels: s.Dim, Size: s.size(f), MinSize: s.Patch, Step: s.Patch, Range: 1, Mean: f.mean, Std: f.std,
		Licence: f.licence, Published: f.published, Rename: s.Rename,
		Blocks: countedUp("blocks.%d.", s.Depth), Behind: "norm.", Residual: true,
	}
	m := s.model(f)
	var head func(*layer.Scope, vit.Model, vit.Result) *tape.Var
	if f.head != nil {
		n.HeadWidth, head = f.head(s)
	}
	if n.HeadWidth > 0 {
		n.Own = append(n.Own, PoolHead)
	}
	if m.Class {
		n.Own = append(n.Own, PoolClass, PoolClassMean)
	}
	n.Forward = func(s *layer.Scope, x *tape.Var) Output {
		r := m.Forward(s, x)
		out := Output{Map: r.Map, Class: r.Class}
		if n.HeadWidth > 0 {
			out.Head = func(s *layer.Scope) *tape.Var { return head(s, m, r) }
		}
		return out
	}
	return n, nil
}

// size is the usual side of an image: a multiple of the patch.
func (s Spec) size(f *family) int {
	if f.size == 0 {
		return s.Grid * s.Patch
	}
	return max(1, f.size/s.Patch) * s.Patch
}

// model are the layers up to the last norm.
func (s Spec) model(f *family) vit.Model {
	m := vit.Model{
		Dim: s.Dim, Depth: s.Depth, Patch: s.Patch, Class: true, Registers: s.Registers, Grid: s.Grid, Resize: s.resize(), Eps: s.Eps,
		Block: vit.Block{Heads: s.Heads, MLP: s.MLP, GELU: geluKinds[s.GELU], SwiGLU: s.SwiGLU},
	}
	f.adapt(&m)
	return m
}

// geluKinds are the operations of the forms of GELU.
var geluKinds = map[string]act.GELUKind{geluErf: act.GELUErf, geluTanh: act.GELUTanh, geluQuick: act.GELUQuick}

// resize is how positions become those of another grid. DINOv2's networks with registers came with another code than those without: it
// antialiases, at Meta and in transformers.
func (s Spec) resize() resize.BicubicKind {
	switch {
	case s.Interp == interpTimm || s.Registers > 0:
		return resize.BicubicTIMM
	case s.Interp == interpHub:
		return resize.BicubicHub
	}
	return resize.BicubicHF
}
