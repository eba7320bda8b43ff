// Package method holds the training methods: each records the loss of a batch on a tape.
package method

import (
	"fmt"
	"slices"
	"strings"

	"udml-gpu/engine/setting/table"
	"udml-gpu/models/backbone"
	"udml-gpu/models/layer"
	"udml-gpu/models/tape"
)

// Inputs are the vars that the trainer fills for each batch of B images: row i is the first view of image i, row B+i the second, and
// so on for as many views as the method wants, two if it does not say.
type Inputs struct {
	Backbone backbone.Network // that the views go through
	Dim      int              // of the embedding

	// Images are the views, [V B,S,S,channels] in [0,1], view by view: those of the first size (Viewer). Others are the groups of other
	// sizes, in the order of the views.
	Images  *tape.Var
	Others  []*tape.Var
	Samples *tape.Var    // int32 [V B] of all V views, index of the image in the data set: the key of its randomness
	Views   *tape.Var    // int32 [V B], the number of the view
	Labels  *tape.Var    // int32 [B], true labels; read by the oracle alone
	Mask    *tape.Var    // uint8 [2B,D], a given dropout mask; nil: drawn
	Clock   *layer.Clock // seed and epoch of the drawn masks
}

// Term is a part of the loss, or a figure beside it, that is worth showing.
type Term struct {
	Name  string
	Value *tape.Var
	Index int // element of Value
}

// Outputs are what a method's recording leaves for the trainer to read.
type Outputs struct {
	Loss      *tape.Var
	Terms     []Term
	Embedding *tape.Var // f [2B,D]
	Logits    *tape.Var // [2B,K], nil for a method without clusters
	Count     *tape.Var // int32 [S], members of each slot
}

// Keep lists the vars that must survive the run.
func (o Outputs) Keep() []*tape.Var {
	keep := []*tape.Var{o.Loss, o.Embedding}
	for _, t := range o.Terms {
		keep = append(keep, t.Value)
	}
	for _, v := range []*tape.Var{o.Logits, o.Count} {
		if v != nil {
			keep = append(keep, v)
		}
	}
	return keep
}

// Method is a way to train.
type Method interface {
	// Settings are the method's own, each a row whose value lies in the method. Settings of the same key are the same in all methods.
	Settings() []table.Row
	// Loss records the loss of one batch. It is called once per batch shape.
	Loss(s *layer.Scope, in Inputs) Outputs
}

// methods are all there are; a new one is a file, and a line here. Each is made with its defaults still to be set.
var methods = []struct {
	name string
	make func() Method
}{
	{"rim", newRim},
	{"cbs", newCBS},
	{"cbswr", newCBSwR},
	{"instance", newInstance},
}

// Names lists the methods in alphabetical order.
func Names() []string {
	var names []string
	for _, m := range methods {
		names = append(names, m.name)
	}
	slices.Sort(names)
	return names
}

// New is the method of that name, with its defaults.
func New(name string) (Method, error) {
	for _, m := range methods {
		if m.name == name {
			made := m.make()
			table.Reset(made.Settings())
			return made, nil
		}
	}
	return nil, fmt.Errorf("no method is called %q; there are %s", name, strings.Join(Names(), ", "))
}
