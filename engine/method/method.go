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

// Inputs are the vars that the trainer fills for each batch of B images. Row i is the first view of image i, row B+i its second
// view, and so on for all V views of the method (ViewsOf).
type Inputs struct {
	Backbone backbone.Network // the network that the views go through
	Dim      int              // of the embedding
	Total    int              // number of training images
	Parts    int              // in which the batch goes through the backbone (Features); 0 or 1: in one
	// Recompute has the backbone's blocks keep their inputs alone and run again for the gradients (tape.Tape.Blocks).
	Recompute bool
	Cut       *layer.Cut // how the batch lies in shards; nil: in one piece

	// Images are the views of the first size (Viewer), view by view: [V B,S,S,channels] in [0,1]. Others are the views of each other
	// size, in the order of the views. Of a batch in shards they are names alone: Cut says which vars hold what is of this rank.
	Images  *tape.Var
	Others  []*tape.Var
	Samples *tape.Var    // int32 [V B] of all V views, index of the image in the data set: the key of its randomness
	Views   *tape.Var    // int32 [V B], the number of the view
	Labels  *tape.Var    // int32 [B], of the plan, or true ones, which only a LabelReader reads
	Mask    *tape.Var    // uint8 [2B,D], a given dropout mask; nil: drawn
	Clock   *layer.Clock // seed and epoch of the drawn masks
}

// Term is a part of the loss, or another number, that is reported for each epoch.
type Term struct {
	Name  string
	Value *tape.Var
	Index int // element of Value
}

// Outputs are the vars of a method's recording that the trainer reads.
type Outputs struct {
	Loss      *tape.Var
	Terms     []Term
	Embedding *tape.Var // f [V B,D], of one or more views from the first on
	Logits    *tape.Var // [V B,K], of the same views; nil for a method without clusters
	Count     *tape.Var // int32 [S], members of each cluster slot; nil for a method without clusters
}

// Keep lists the vars whose values must still be there after a run of the program (tape.Program).
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
	// Settings are the method's own settings: rows whose values lie in the method. A key means the same in all methods.
	Settings() []table.Row
	// Loss records the loss of one batch. It is called once for each batch shape.
	Loss(s *layer.Scope, in Inputs) Outputs
}

// methods are all methods; a new one is a file and a line here. make does not set defaults.
var methods = []struct {
	name string
	make func() Method
}{
	{"rim", newRim},
	{"cbs", newCBS},
	{"cbswr", newCBSwR},
	{"instance", newInstance},
	{"triplet", newTriplet},
	{"npair", newNPair},
	{"contrastive", newContrastive},
	{"nce", newNCE},
	{"exemplar", newExemplar},
	{"stml", newSTML},
	{"deepcluster", newDeepCluster},
	{"mom", newMoM},
	{"mutual", newMutual},
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

// New is the method of that name with its defaults. An unknown name is an error.
func New(name string) (Method, error) {
	for _, m := range methods {
		if m.name == name {
			made := m.make()
			table.Reset(made.Settings())
			return made, nil
		}
	}
	return nil, fmt.Errorf("no method is called %q; the methods are %s", name, strings.Join(Names(), ", "))
}
