// Package optim updates parameters: SGD and AdamW as defined by torch, and schedules of the learning rate.
package optim

import (
	"fmt"
	"slices"

	"udml-gpu/kernels"
	"udml-gpu/kernels/update"
	"udml-gpu/models/tape"
)

// Optimizer changes parameters by their gradients.
type Optimizer interface {
	// Begin counts a step at learning rate lr and gives the numbers in which it differs from others.
	Begin(lr float64) [update.Numbers]float64
	// Step updates every parameter at the learning rate of numbers, those of Begin as float64 [update.Numbers] on the device, times
	// its group's factor, unless skip[0] is not zero. It queues the same ops in every step.
	Step(numbers, skip *kernels.Array)
	// Check sets skip[0] to 1 when an element of a parameter, of a gradient or of more is not finite, otherwise to 0.
	Check(skip *kernels.Array, more ...*kernels.Array)
	// GradNorm is the L2 norm of all gradients of the last step before clipping, and the factor by which they were clipped
	// [2]; nil without MaxNorm.
	GradNorm() *kernels.Array
	// State are the moments, named after their parameters, for the checkpoint.
	State() []*tape.Param
	// Steps is the number of steps taken; SetSteps restores it with the state.
	Steps() int
	SetSteps(n int)
	// Free frees the moments.
	Free()
}

// Options choose and tune an optimiser. Zero fields are zeros, not defaults.
type Options struct {
	Name           string // "sgd" or "adamw"
	Momentum       float64
	Nesterov       bool
	WeightDecay    float64
	BackboneFactor float64 // learning rate of the backbone relative to the rest
	LayerDecay     float64 // the rate of a parameter of the backbone is multiplied by LayerDecay^Depth (tape.Param)
	MaxNorm        float64 // gradients are clipped to this L2 norm over all of them; 0: not clipped
}

// Names lists the optimisers.
func Names() []string { return []string{"adamw", "sgd"} }

// New makes the named optimiser for params.
func New(params []*tape.Param, o Options) (Optimizer, error) {
	if !slices.Contains(Names(), o.Name) {
		return nil, fmt.Errorf("optimizer %q is not known: expected one of %v", o.Name, Names())
	}
	b := base{params: params, o: o}
	if o.MaxNorm > 0 && len(params) > 0 {
		b.norm = params[0].Value.Device().New(params[0].Value.DType(), 2)
	}
	if o.Name == "sgd" {
		return newSGD(b), nil
	}
	return newAdamW(b), nil
}

// base is the part shared by the optimisers: parameters, options, moments, the count of steps, and the list that a step
// goes through.
type base struct {
	params []*tape.Param
	o      Options
	state  []*tape.Param
	list   *update.List
	norm   *kernels.Array // [2]: the norm and factor from update.List.Clip; nil without MaxNorm
	steps  int
}

// clip clips the gradients if MaxNorm is set, whether or not the step is skipped.
func (c *base) clip() {
	if c.norm != nil {
		c.list.Clip(c.norm, c.o.MaxNorm)
	}
}

func (c *base) GradNorm() *kernels.Array { return c.norm }

func (c *base) Check(skip *kernels.Array, more ...*kernels.Array) { c.list.Finite(skip, more...) }

func (c *base) State() []*tape.Param { return c.state }
func (c *base) Steps() int           { return c.steps }
func (c *base) SetSteps(n int)       { c.steps = n }

func (c *base) Free() {
	c.list.Free()
	if c.norm != nil {
		c.norm.Free()
	}
	for _, m := range c.state {
		m.Value.Free()
	}
}

// moment adds a zeroed tensor for each parameter to the state.
func (c *base) moment(name string) []*kernels.Array {
	var list []*kernels.Array
	for _, p := range c.params {
		a := p.Value.Device().New(p.Value.DType(), p.Value.Shape()...)
		c.state = append(c.state, &tape.Param{Name: p.Name + "." + name, Value: a, Conv: p.Conv})
		list = append(list, a)
	}
	return list
}

// newList is the parameters with their gradients and moments; those of the backbone have their own learning rates.
func (c *base) newList(first, second []*kernels.Array) *update.List {
	var values, grads []*kernels.Array
	var rates []float64
	for _, p := range c.params {
		rate := 1.0
		if p.Group == tape.Backbone {
			rate = c.o.BackboneFactor
			for range p.Depth {
				rate *= c.o.LayerDecay
			}
		}
		values, grads, rates = append(values, p.Value), append(grads, p.Grad), append(rates, rate)
	}
	return update.NewList(values, grads, first, second, rates)
}
