package tape

import "udml-gpu/kernels"

// Group says which part of the model a parameter belongs to, for learning-rate factors.
type Group uint8

// The parts of a model.
const (
	Head      Group = iota // what only training uses: clustering head, decoder
	Backbone               // the network that makes the map
	Embedding              // the layer from pooled features to the embedding
)

// Param is a trained tensor with its gradient, or a buffer (running statistics) that is kept but not trained.
type Param struct {
	Name  string         // torch's name, such as "features.0.weight"
	Value *kernels.Array // in memory layout: convolution weights OHWI
	Grad  *kernels.Array // same shape; nil for a buffer, and for what is frozen
	Conv  bool           // stored OIHW in files, OHWI in memory
	Group Group
	// Depth is how far in front of the end of the backbone it stands: 1 in the last block, one more in each before it and in what stands
	// before the first; 0 behind the last block and outside of the backbone.
	Depth  int
	Frozen bool // of a part of the backbone that is not trained

	// Parts are the gradients of the shards that use it, of Grad's shape: Grad is their sum, once they are added up (Tape.Shards).
	Parts []*kernels.Array
}

// part is the gradient of shard number shard, from 1.
func (p *Param) part(shard int) *kernels.Array {
	for len(p.Parts) < shard {
		p.Parts = append(p.Parts, p.Grad.Like())
	}
	return p.Parts[shard-1]
}

// gradient is where the gradient of a parameter's var goes.
func (v *Var) gradient() *kernels.Array {
	if v.shard > 0 {
		return v.param.part(v.shard)
	}
	return v.param.Grad
}

// Free gives the memory of value and gradients back.
func (p *Param) Free() {
	p.Value.Free()
	p.FreeGrad()
}

// FreeGrad gives the memory of the gradients back, which others then replace: nothing, where they are views.
func (p *Param) FreeGrad() {
	if p.Grad != nil {
		p.Grad.Free()
	}
	for _, a := range p.Parts {
		a.Free()
	}
}
