// Package network is a backbone with its embedding layer: built, loaded, whitened, and run over images.
package network

import (
	"fmt"

	"udml-gpu/engine/setting"
	"udml-gpu/kernels"
	"udml-gpu/models/backbone"
	"udml-gpu/models/head"
	"udml-gpu/models/layer"
	"udml-gpu/models/shard"
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
	forwards map[int]*Forward      // by batch size
	heads    map[int]*headForward  // by batch size
	version  version               // of the parameters and images
	changes  int                   // of them so far
	part     weights.Choice        // of the file that --pretrained names
	found    string                // what that file is; "" for a network that is no transformer
	Licence  string                // of the pretrained weights; "" where nothing says it
	Whitens  bool                  // the final whitening stands behind the embedding
	Group    *shard.Group          // that share the work of embedding; nil: this process is alone
	Agree    func() error          // called between batches, where several ranks agree whether to go on; nil with one
	Progress func(done, total int) // told how many images are embedded; may be nil
	Note     func(text string)     // told in a sentence what a whitening did because there were few images; may be nil
}

// New builds the network that c (resolved) describes, with pretrained weights where c asks for them.
func New(c setting.Config, dev *kernels.Device) (*Network, error) {
	n, err := newIn(layer.NewStore(dev, kernels.Float32, c.Seed), c, dev)
	if err != nil {
		return nil, err
	}
	n.ForwardFor(1) // creates the parameters
	if err := n.loadPretrained(); err != nil {
		n.Free()
		return nil, err
	}
	return n, nil
}

// Outline is a network without any values (layer.NewShapes), on which steps are recorded to know what memory they take.
func Outline(c setting.Config, dev *kernels.Device) (*Network, error) {
	return newIn(layer.NewShapes(dev, kernels.Float32), c, dev)
}

// newIn is the network that c describes, with parameters in s.
func newIn(s *layer.Store, c setting.Config, dev *kernels.Device) (*Network, error) {
	net, err := c.Network()
	if err != nil {
		return nil, err
	}
	division, err := net.Division(c.TrainBlocks)
	if err != nil {
		return nil, err
	}
	s.Divide(division)
	if c.BatchNorm == "frozen" {
		s.FreezeNorms()
	}
	if c.OrthogonalHead() {
		s.BeginOrthogonal(head.EmbeddingName)
	}
	return &Network{
		Config: c, Device: dev, Store: s, Arena: tape.NewArena(dev), Backbone: net,
		forwards: map[int]*Forward{}, heads: map[int]*headForward{}, version: version{size: c.Size},
	}, nil
}

// Empty is New without pretrained weights: a checkpoint fills it, and their file need not be there.
func Empty(c setting.Config, dev *kernels.Device) (*Network, error) {
	scratch := c
	scratch.Pretrained = "false"
	n, err := New(scratch, dev)
	if err == nil {
		n.Config = c
	}
	return n, err
}

// Dim is the width of the embedding: --dim, or less behind a final whitening of fewer dimensions.
func (n *Network) Dim() int {
	if n.Whitens {
		return n.whitenedDim()
	}
	return n.Config.Dim
}

func (n *Network) whitenedDim() int { return n.Store.Get(head.WhitenName + ".weight").Value.Dim(0) }

// Width is the width of the pooled features.
func (n *Network) Width() int { return n.Backbone.Width() }

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

func (n *Network) backboneParams() []*tape.Param {
	var list []*tape.Param
	for _, p := range n.Store.Params() {
		if p.Group == tape.Backbone {
			list = append(list, p)
		}
	}
	return list
}

// Memory says how much a training step of this network needs, for messages.
func (n *Network) Memory() string { return fmt.Sprintf("%d MiB", n.Arena.Bytes()>>20) }
