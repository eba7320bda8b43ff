// Package tape records a training step once and replays it: Tape collects ops, Compile derives the backward
// pass and plans every buffer by liveness, Program runs the result without allocating arrays.
package tape

import (
	"fmt"
	"slices"

	"udml-gpu/kernels"
)

// Tape is a step being recorded. Layers append ops to it; nothing runs until Compile's program does.
type Tape struct {
	dev      *kernels.Device
	dtype    kernels.DType
	training bool
	vars     []*Var
	ops      []*Op
	params   map[ofShard]*Var
	spans    []int // of Again and Blocks, from 1: the span that each lies in, 0 for none
	span     int   // the one that is being recorded; 0: none
	blocks   *blocks
	shard    int // that is being recorded (Shards), from 1; 0: none
	once     map[string]any
}

// ofShard is a parameter as a shard uses it: all read the same value, and each has a gradient of its own.
type ofShard struct {
	param *Param
	shard int // from 1; 0: outside of Shards
}

// New is an empty tape whose floating values have the given dtype. Training chooses batch statistics and dropout.
func New(dev *kernels.Device, dtype kernels.DType, training bool) *Tape {
	return &Tape{
		dev: dev, dtype: dtype, training: training, params: map[ofShard]*Var{}, once: map[string]any{}, spans: []int{0},
	}
}

// Training reports whether layers use batch statistics and dropout.
func (t *Tape) Training() bool { return t.training }

// Device is where the program will run.
func (t *Tape) Device() *kernels.Device { return t.dev }

// DType is the dtype of the tape's floating values.
func (t *Tape) DType() kernels.DType { return t.dtype }

// Var is a value of the step: an input, a parameter, or an op's result.
type Var struct {
	id       int
	shape    []int
	dtype    kernels.DType
	base     *Var // a reshape shares the storage of its base
	param    *Param
	shard    int            // whose part of the parameter's gradient is v's; 0: the gradient itself
	external *kernels.Array // inputs and parameters own their memory
	needs    bool           // a gradient with respect to it may be wanted
	value    *kernels.Array
	grad     *kernels.Array
}

// Shape is the var's shape.
func (v *Var) Shape() []int { return v.shape }

// Dim is the size of axis i.
func (v *Var) Dim(i int) int { return v.shape[i] }

// Value is the array that holds v while the program runs. It is valid inside ops, and after the run for
// inputs, parameters, and the vars that Compile was told to keep.
func (v *Var) Value() *kernels.Array { return v.value }

// Grad is the gradient of the loss with respect to v: inside an op's Backward, for the op's outputs.
func (v *Var) Grad() *kernels.Array { return v.grad }

// DType is the element type.
func (v *Var) DType() kernels.DType { return v.dtype }

// String shows dtype and shape.
func (v *Var) String() string { return fmt.Sprintf("%v%v", v.dtype, v.shape) }

// Base is the var of another shape that v is a Reshape or Detach of; nil where it is none.
func (v *Var) Base() *Var { return v.base }

// Param is the parameter that v is the value of; nil where it is none.
func (v *Var) Param() *Param { return v.param }

func (v *Var) root() *Var {
	for v.base != nil {
		v = v.base
	}
	return v
}

func (v *Var) bytes() int {
	n := v.dtype.Size()
	for _, s := range v.shape {
		n *= s
	}
	return n
}

// Op is one recorded operation.
type Op struct {
	// Name is what it computes, Of the layer that it belongs to, where that has a name, and Spec its numbers besides shapes. With its
	// inputs they say enough to write it for another program (models/onnx).
	Name string
	Of   string
	Spec any
	In   []*Var
	Out  []*Var
	// Saved are vars that Forward fills for Backward alone, such as batch statistics.
	Saved []*Var
	// Reads are the vars whose values Backward reads; everything else may be overwritten by then.
	Reads []*Var
	// InPlace allows Out[0] to take In[0]'s memory when no later step needs In[0].
	InPlace bool
	// GradInPlace allows the gradient of In[0] to take the memory of Out[0]'s gradient.
	GradInPlace bool
	// Forward computes Out and Saved from In.
	Forward func()
	// Backward writes the gradients of In from those of Out. Nil: no gradient passes.
	Backward func(b *Back)
	// Adds are the inputs whose gradient Backward can add to (Back.Add) instead of overwriting.
	Adds []int
	// Commit applies side effects of the step (running statistics), unless skip[0] is not zero.
	Commit func(skip *kernels.Array)
	// Together has Commit's effects applied with those of other ops: where it is not nil, Commit is. Once gives it.
	Together Together

	span int      // of Again or Blocks that it belongs to; 0: none
	meet *meeting // nil: an op of one shard, or of none
}

// Together applies side effects of several ops at once, unless skip[0] is not zero.
type Together interface {
	Commit(skip *kernels.Array)
}

// Once is the one value of that name on the tape, which begin makes the first time: what ops share that are recorded apart.
func Once[T any](t *Tape, name string, begin func() T) T {
	if v, ok := t.once[name].(T); ok {
		return v
	}
	v := begin()
	t.once[name] = v
	return v
}

// commits says whether the op has side effects.
func (op *Op) commits() bool { return op.Commit != nil || op.Together != nil }

// Back tells an op's Backward where to write.
type Back struct {
	dst []*kernels.Array
	add []bool
}

// Grad is where the gradient of input i goes, or nil when it is not wanted.
func (b *Back) Grad(i int) *kernels.Array { return b.dst[i] }

// Add reports that the gradient of input i is to be added to the values that are there. Only for inputs listed in Op.Adds.
func (b *Back) Add(i int) bool { return b.add[i] }

func (t *Tape) newVar(dtype kernels.DType, shape []int) *Var {
	v := &Var{id: len(t.vars), shape: slices.Clone(shape), dtype: dtype}
	t.vars = append(t.vars, v)
	return v
}

// New is a fresh var of the tape's dtype, to be an op's output.
func (t *Tape) New(shape ...int) *Var { return t.newVar(t.dtype, shape) }

// NewOf is a fresh var of another dtype, such as labels.
func (t *Tape) NewOf(dtype kernels.DType, shape ...int) *Var { return t.newVar(dtype, shape) }

// Input is a var whose memory the caller owns and fills before each run. No gradient flows into it.
func (t *Tape) Input(a *kernels.Array) *Var {
	v := t.newVar(a.DType(), a.Shape())
	v.external, v.value = a, a
	return v
}

// Param is the var of p; the same var each time, within Shards for each of them. A gradient is computed when p.Grad is not nil.
func (t *Tape) Param(p *Param) *Var {
	key := ofShard{p, t.shard}
	if v, ok := t.params[key]; ok {
		return v
	}
	v := t.Input(p.Value)
	v.param, v.shard, v.needs = p, t.shard, p.Grad != nil
	if v.needs && t.shard > 0 {
		p.part(t.shard)
	}
	t.params[key] = v
	return v
}

// Reshape is v under another shape of the same size; it shares memory and gradient with v.
func (t *Tape) Reshape(v *Var, shape ...int) *Var {
	r := t.newVar(v.dtype, shape)
	if r.bytes() != v.bytes() {
		panic(fmt.Sprintf("tape: %v cannot be reshaped to %v", v, shape))
	}
	r.base, r.needs = v, v.needs
	return r
}

// Detach is v as a constant: the same memory, and no gradient flows back through it.
func (t *Tape) Detach(v *Var) *Var {
	d := t.Reshape(v, v.shape...)
	d.needs = false
	return d
}

// Ops are the ops that were recorded, in order.
func (t *Tape) Ops() []*Op { return t.ops }

// Uses says whether an op that was recorded takes v, or what shares its memory.
func (t *Tape) Uses(v *Var) bool {
	return slices.ContainsFunc(t.ops, func(op *Op) bool {
		return slices.ContainsFunc(op.In, func(in *Var) bool { return in.root() == v.root() })
	})
}

// Apply appends an op. Its outputs need a gradient when any input does and the op has a Backward. To what it returns, of an op without
// Backward, In and Out may be added until Compile.
func (t *Tape) Apply(op Op) *Op {
	needs := false
	for _, v := range op.In {
		needs = needs || v.needs
	}
	for _, v := range op.Out {
		v.needs = needs && op.Backward != nil
	}
	op.span = t.span
	t.ops = append(t.ops, &op)
	return &op
}
