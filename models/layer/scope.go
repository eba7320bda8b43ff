// Package layer holds the network's layers as functions: each creates its parameters on first use, records its
// ops on the tape, and returns the result. A network is then written as its forward pass alone.
package layer

import (
	"fmt"
	"hash/fnv"
	"math"
	"slices"

	"udml-gpu/kernels"
	"udml-gpu/kernels/rng"
	"udml-gpu/models/tape"
)

// Store owns the parameters of a model, in the order in which the layers first named them.
type Store struct {
	dev    *kernels.Device
	dtype  kernels.DType
	seed   uint64
	blank  bool // parameters are shapes alone
	params []*tape.Param
	byName map[string]*tape.Param
	flat   gradients // all gradients, once they are views of it (Flatten)
	rows   []*row    // of parameters that lie one behind another (Scope.Beside)

	teacher *Store   // its parameters are a slow mean of this store's (Scope.Teacher); nil: there is none
	teaches *teacher // of a teacher's store; nil of others

	orthogonal  string // the linear layer that begins orthogonal; "": as its spec says
	frozenNorms bool   // the batch norms of the backbone compute as in evaluation, and their parameters are constants

	division Division
	begun    int // blocks of the division of which there are parameters, and what stands behind them
}

// NewStore is an empty store. Initial values are a function of seed and the parameter's name.
func NewStore(dev *kernels.Device, dtype kernels.DType, seed uint64) *Store {
	return &Store{dev: dev, dtype: dtype, seed: seed, byName: map[string]*tape.Param{}, division: Division{Train: AllBlocks}}
}

// NewShapes is an empty store whose parameters and gradients are never run or read: they have no elements, so that to know a network's
// names and shapes, and the memory of its steps, takes no time and no memory.
func NewShapes(dev *kernels.Device, dtype kernels.DType) *Store {
	s := NewStore(dev, dtype, 0)
	s.blank = true
	return s
}

// FreezeNorms has the batch norms of the backbone use their running statistics in training too, with scale and shift as constants. It
// is called before there are parameters.
func (s *Store) FreezeNorms() { s.frozenNorms = true }

// Params are all parameters and buffers, in order of creation.
func (s *Store) Params() []*tape.Param { return s.params }

// Trained are the parameters that have a gradient.
func (s *Store) Trained() []*tape.Param {
	var trained []*tape.Param
	for _, p := range s.params {
		if p.Grad != nil {
			trained = append(trained, p)
		}
	}
	return trained
}

// Get is the parameter of that name, or nil.
func (s *Store) Get(name string) *tape.Param { return s.byName[name] }

// Remove forgets the parameter of that name and gives its memory back.
func (s *Store) Remove(name string) {
	p := s.byName[name]
	if p == nil {
		return
	}
	delete(s.byName, name)
	s.params = slices.DeleteFunc(s.params, func(q *tape.Param) bool { return q == p })
	p.Free()
}

// Free gives all parameters' memory back.
func (s *Store) Free() {
	if s.teacher != nil {
		s.teacher.Free()
		s.teacher = nil
	}
	if s.teaches != nil && s.teaches.pairs != nil {
		s.teaches.pairs.Free()
	}
	for _, p := range s.params {
		p.Free()
	}
	s.flat.free()
	for _, r := range s.rows {
		r.memory.Free()
	}
	s.params, s.byName, s.flat, s.rows = nil, map[string]*tape.Param{}, gradients{}, nil
}

// Scope is where layers are recorded: a tape, the store of parameters, and a prefix for their names.
type Scope struct {
	Tape   *tape.Tape
	Store  *Store
	prefix string
	group  tape.Group
	drop   *DropPath // nil: no branch is dropped
	lane   *lane     // nil: the whole batch is recorded at once
	rows   *shown    // of the images in a backbone's pass; nil: no branch is dropped
	wide   bool      // maps are float32 at any precision
}

// NewScope records on t with parameters from s.
func NewScope(t *tape.Tape, s *Store) *Scope { return &Scope{Tape: t, Store: s} }

// In is the scope with name appended to the prefix: parameters are then called "name.weight" and so on.
func (s *Scope) In(name string) *Scope {
	c := *s
	c.prefix = s.path(name)
	return &c
}

// Of is the scope whose new parameters belong to group.
func (s *Scope) Of(group tape.Group) *Scope {
	c := *s
	c.group = group
	return &c
}

func (s *Scope) path(name string) string {
	if s.prefix == "" {
		return name
	}
	return s.prefix + "." + name
}

// start fills a new parameter: element i is start(i).
type start func(i int) float64

func constant(v float64) start { return func(int) float64 { return v } }

// uniform is U(-bound, bound), a function of the seed and the parameter's name.
func (s *Scope) uniform(name string, bound float64) start {
	key := s.initKey(name)
	return func(i int) float64 { return rng.Between(key.At(uint32(i / 4))[i%4], -bound, bound) }
}

func (s *Scope) initKey(name string) rng.Key { return s.Store.initKey(s.path(name)) }

// initKey is that of the numbers that the parameter of that full name begins with.
func (s *Store) initKey(name string) rng.Key {
	h := fnv.New32a()
	h.Write([]byte(name))
	return rng.Key{Seed: s.seed, Sample: h.Sum32(), Op: rng.OpInit}
}

// param finds or creates a parameter. Its shape is the one in memory.
func (s *Scope) param(name string, trained bool, fill start, shape ...int) *tape.Param {
	full := s.path(name)
	if p := s.Store.byName[full]; p != nil {
		kernels.WantShape("layer "+full, "parameter", p.Value, shape...)
		s.enter(p)
		return p
	}
	array := s.Store.dev.New
	if s.Store.blank {
		array = s.Store.dev.Outline
	}
	p := &tape.Param{Name: full, Value: s.Store.place(full, array, shape), Conv: len(shape) == 4, Group: s.group}
	if s.group == tape.Backbone {
		p.Depth = s.Store.depth(full)
		p.Frozen = s.Store.division.frozen(p.Depth)
	}
	if trained && !p.Frozen && s.Store.teaches == nil {
		p.Grad = array(s.Store.dtype, shape...)
	}
	switch {
	case s.Store.blank:
	case s.Store.teaches != nil:
		p.Value.CopyFrom(s.Store.teaches.of.byName[full].Value)
	default:
		set(p.Value, fill)
	}
	s.Store.params = append(s.Store.params, p)
	s.Store.byName[full] = p
	s.enter(p)
	return p
}

// enter says which block of the backbone the ops of a layer with that parameter belong to.
func (s *Scope) enter(p *tape.Param) {
	if p.Group == tape.Backbone {
		s.Tape.Block(p.Depth)
	}
}

func set(a *kernels.Array, fill start) {
	switch a.DType() {
	case kernels.Float32:
		kernels.Write(a, values[float32](a.Len(), fill))
	case kernels.Float64:
		kernels.Write(a, values[float64](a.Len(), fill))
	default:
		panic(fmt.Sprintf("layer: a parameter cannot be %v", a.DType()))
	}
}

func values[T kernels.Float](n int, fill start) []T {
	v := make([]T, n)
	for i := range v {
		v[i] = T(fill(i))
	}
	return v
}

// fanBound is torch's default bound for convolution and linear layers, 1/sqrt(fan in)
// (kaiming_uniform with a = sqrt 5).
func fanBound(fanIn int) float64 { return 1 / math.Sqrt(float64(fanIn)) }
