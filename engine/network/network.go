// Package network is a backbone with its embedding layer: built, loaded, whitened, and run over images.
package network

import (
	"context"
	"fmt"

	"udml-gpu/engine/data/cache"
	"udml-gpu/engine/machine"
	"udml-gpu/engine/setting"
	"udml-gpu/kernels"
	"udml-gpu/models/backbone"
	"udml-gpu/models/head"
	"udml-gpu/models/layer"
	"udml-gpu/models/tape"
	"udml-gpu/models/weights"
)

// Network is a backbone with its embedding layer: what training changes and what a run leaves behind.
type Network struct {
	Config   setting.Config
	Device   *kernels.Device
	Store    *layer.Store
	Arena    *tape.Arena
	Backbone backbone.Network
	embed    map[int]*embedProgram // by batch size
	part     weights.Choice        // of the file that --pretrained names
	Whitens  bool                  // the final whitening stands behind the embedding
	Progress func(done, total int) // told how many images are embedded; may be nil
}

// embedProgram is the forward pass in evaluation mode for one batch size.
type embedProgram struct {
	Program           *tape.Program
	Images            *kernels.Array
	pooled, Embedding *tape.Var
}

// New builds the network that c (resolved) describes, with pretrained weights where c asks for them.
func New(c setting.Config, dev *kernels.Device) (*Network, error) {
	net, err := c.Network()
	if err != nil {
		return nil, err
	}
	n := &Network{
		Config: c, Device: dev, Store: layer.NewStore(dev, kernels.Float32, c.Seed), Arena: tape.NewArena(dev), Backbone: net,
		embed: map[int]*embedProgram{},
	}
	n.Embedder(1) // creates the parameters
	if err := n.loadPretrained(); err != nil {
		n.Free()
		return nil, err
	}
	return n, nil
}

// Empty is NewNetwork without pretrained weights: a checkpoint fills it, and their file need not be there.
func Empty(c setting.Config, dev *kernels.Device) (*Network, error) {
	scratch := c
	scratch.Pretrained = "false"
	n, err := New(scratch, dev)
	if err == nil {
		n.Config = c
	}
	return n, err
}

// Channels is the width of the pooled features.
func (n *Network) Channels() int { return n.Backbone.Channels }

// Free gives all memory back.
func (n *Network) Free() {
	n.forget()
	n.Store.Free()
	n.Arena.Free()
}

// Flatten makes the gradients of all parameters views of one array (layer.Store.Flatten). It is called when the first step is
// recorded, which creates them.
func (n *Network) Flatten() {
	n.Store.Flatten()
	n.Arena.Rebind()
}

// forget drops the recorded programs, which hold the network's shape.
func (n *Network) forget() {
	for _, e := range n.embed {
		e.Images.Free()
	}
	n.embed = map[int]*embedProgram{}
}

func (n *Network) backboneParams() []*tape.Param {
	var list []*tape.Param
	for _, p := range n.Store.Params() {
		if p.Group == tape.Backbone {
			list = append(list, p)
		}
	}
	return list
}

// Embedder is the forward pass for a batch of that many images, recorded on first use.
func (n *Network) Embedder(batch int) *embedProgram {
	if e := n.embed[batch]; e != nil {
		return e
	}
	t := tape.New(n.Device, kernels.Float32, false)
	s := layer.NewScope(t, n.Store)
	e := &embedProgram{Images: n.Device.New(kernels.Float32, batch, n.Config.Size, n.Config.Size, n.Config.Channels)}
	_, e.pooled = n.Backbone.Features(s, t.Input(e.Images))
	e.Embedding = head.Embedding(s, e.pooled, n.Config.Dim)
	if n.Whitens {
		e.Embedding = head.Whiten(s, e.Embedding, n.whitenedDim())
	}
	e.Program = t.Compile(n.Arena, nil, e.pooled, e.Embedding)
	n.embed[batch] = e
	return e
}

func (n *Network) whitenedDim() int { return n.Store.Get(head.WhitenName + ".weight").Value.Dim(0) }

// Features are a data set seen through the network: the pooled map and the embedding of each image, in order.
type Features struct {
	Pooled    *kernels.Array // [N, channels]
	Embedding *kernels.Array // [N, D], rows of length 1
}

// Free gives both arrays back.
func (f Features) Free() {
	f.Pooled.Free()
	f.Embedding.Free()
}

// embedBatch is how many images go through the network at once in evaluation mode.
const embedBatch = 64

// Embed runs the centre crops of all images of c through the network in evaluation mode. The error is that of ctx.
func (n *Network) Embed(ctx context.Context, c *cache.Cache) (Features, error) {
	f, err := n.EmbedImages(ctx, c.Len(), func(dst *kernels.Array, first int) { c.CentreCrops(dst, first, n.Config.Invert) })
	if err == nil && c.Err() != nil {
		f.Free()
		return Features{}, c.Err()
	}
	return f, err
}

// EmbedImages embeds total images that fill provides batch by batch.
func (n *Network) EmbedImages(ctx context.Context, total int, fill func(dst *kernels.Array, first int)) (Features, error) {
	f := Features{Pooled: n.Device.New(kernels.Float32, total, n.Channels())}
	dim := n.Config.Dim
	if n.Whitens {
		dim = n.whitenedDim()
	}
	f.Embedding = n.Device.New(kernels.Float32, total, dim)
	for first := 0; first < total; first += embedBatch {
		if ctx.Err() != nil {
			f.Free()
			return Features{}, ctx.Err()
		}
		last := min(first+embedBatch, total)
		e := n.Embedder(last - first)
		fill(e.Images, first)
		e.Program.Forward()
		f.Pooled.Rows(first, last).CopyFrom(e.pooled.Value())
		f.Embedding.Rows(first, last).CopyFrom(e.Embedding.Value())
		if n.Progress != nil {
			n.Progress(last, total)
		}
	}
	if err := machine.Fault(n.Device); err != nil {
		f.Free()
		return Features{}, err
	}
	return f, nil
}

// Memory says how much a training step of this network needs, for messages.
func (n *Network) Memory() string { return fmt.Sprintf("%d MiB", n.Arena.Bytes()>>20) }
