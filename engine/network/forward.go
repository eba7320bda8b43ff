package network

import (
	"udml-gpu/kernels"
	"udml-gpu/models/backbone"
	"udml-gpu/models/head"
	"udml-gpu/models/layer"
	"udml-gpu/models/tape"
)

// Forward is the forward pass in evaluation mode for one batch size.
type Forward struct {
	Program *tape.Program
	Images  *kernels.Array // [B,S,S,C] float32 in [0,1], to be filled before the program runs
	Pooled  *tape.Var      // [B,Width]
	// Embedding is [B,D], rows of length 1. Both are readable until another program of the network runs.
	Embedding *tape.Var
}

// keptForwards is how many batch sizes have a recorded program at a time: evaluations take a whole batch, one image, and the rest of
// each split.
const keptForwards = 8

// ForwardFor is the forward pass for a batch of that many images, recorded on first use. It is good until the next call.
func (n *Network) ForwardFor(batch int) *Forward {
	if f := n.forwards[batch]; f != nil {
		return f
	}
	if len(n.forwards) >= keptForwards {
		n.forget()
	}
	s := n.scope()
	_, f := n.record(s, batch, n.Device.New)
	f.Program = s.Tape.Compile(n.Arena, nil, f.Pooled, f.Embedding)
	n.forwards[batch] = f
	return f
}

// ForwardBytes is the memory of a forward pass for a batch of that many images, and that of the images, in bytes. None is taken.
func (n *Network) ForwardBytes(batch int) (pass, images int64) {
	s := n.scope()
	_, f := n.record(s, batch, n.Device.Outline)
	return int64(s.Tape.Memory(nil, f.Pooled, f.Embedding)), int64(f.Images.Bytes())
}

// scope is a new tape of evaluation mode with the network's parameters.
func (n *Network) scope() *layer.Scope {
	return layer.NewScope(tape.New(n.Device, kernels.Float32, false), n.Store)
}

// record records the forward pass for a batch of that many images, which array makes; the program is left to be compiled.
func (n *Network) record(s *layer.Scope, batch int, array func(kernels.DType, ...int) *kernels.Array) (*tape.Var, *Forward) {
	size := n.version.size
	f := &Forward{Images: array(kernels.Float32, batch, size, size, n.Config.Channels)}
	images := s.Tape.Input(f.Images)
	f.Pooled = n.Backbone.MeanFeatures(s, images, n.views()...)
	f.Embedding = n.head(s, f.Pooled)
	return images, f
}

// views are those of an image that its features are the mean of. While the size is another than the result's, that of training views, it
// is the only one.
func (n *Network) views() []backbone.View {
	c, size := &n.Config, n.version.size
	var list []backbone.View
	add := func(v backbone.View) {
		list = append(list, v)
		if c.MirrorAverage {
			list = append(list, backbone.View{Size: v.Size, Mirrored: true})
		}
	}
	add(backbone.View{Size: size})
	if c.AlsoSize != 0 && size == c.Size {
		add(backbone.View{Size: c.AlsoSize, Mirrored: c.AlsoMirrored})
	}
	return list
}

// head is the embedding of pooled features, whitened where the network whitens.
func (n *Network) head(s *layer.Scope, pooled *tape.Var) *tape.Var {
	e := head.Embedding(s, pooled, n.Config.Dim)
	if n.Whitens {
		e = head.Whiten(s, e, n.whitenedDim())
	}
	return e
}

// headForward is what Forward does behind the backbone: the same operations on batches of the same size, so that a row has the
// same bytes.
type headForward struct {
	program   *tape.Program
	pooled    *kernels.Array // [B,Width]
	embedding *tape.Var
}

func (n *Network) headFor(batch int) *headForward {
	if h := n.heads[batch]; h != nil {
		return h
	}
	s := n.scope()
	h := &headForward{pooled: n.Device.New(kernels.Float32, batch, n.Width())}
	h.embedding = n.head(s, s.Tape.Input(h.pooled))
	h.program = s.Tape.Compile(n.Arena, nil, h.embedding)
	n.heads[batch] = h
	return h
}

// forget drops the recorded programs, which hold the network's shape and memory for their inputs.
func (n *Network) forget() {
	for _, f := range n.forwards {
		f.Images.Free()
	}
	for _, h := range n.heads {
		h.pooled.Free()
	}
	clear(n.forwards)
	clear(n.heads)
}
