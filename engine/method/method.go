// Package method holds the training methods: each records the loss of a batch on a tape.
package method

import (
	"fmt"
	"slices"
	"strings"

	"udml-gpu/models/backbone"
	"udml-gpu/models/layer"
	"udml-gpu/models/tape"
)

// Inputs are the vars that the trainer fills for each batch of B images: row i is the first view of image i, row B+i the second, and
// so on for as many views as the method wants, two if it does not say.
type Inputs struct {
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

// Method records the loss of one batch. It is called once per batch shape.
type Method interface {
	Loss(s *layer.Scope, in Inputs) Outputs
}

// Options are the coefficients of the methods, as flags set them.
type Options struct {
	Clusters           int     // K
	Dim                int     // D of the embedding
	Temperature, Alpha float64 // t and alpha of L_m
	Mu                 float64 // weight of the marginal entropy in L_rim
	MetricWeight       float64
	RimWeight          float64
	RecWeight          float64
	Dropout            float64
	LogitNorm          bool
	CollapseEpochs     int
	Neighbours         bool // --positives neighbours
	Oracle             bool // true labels instead of pseudo labels: an upper bound
}

// Defaults are the published coefficients (docs/architecture.md, section 5).
func Defaults() Options {
	return Options{
		Clusters: 32, Dim: 128, Temperature: 0.1, Alpha: 1, Mu: 1,
		MetricWeight: 0.9, RimWeight: 0.3, RecWeight: 0.001, Dropout: 0.6,
	}
}

type maker func(n backbone.Network, o Options) Method

var methods = map[string]maker{"rim": newRim, "cbs": newCBS, "cbswr": newCBSwR}

// Names lists the methods in alphabetical order.
func Names() []string {
	var names []string
	for n := range methods {
		names = append(names, n)
	}
	slices.Sort(names)
	return names
}

// New is the method of that name on network n.
func New(name string, n backbone.Network, o Options) (Method, error) {
	m, ok := methods[name]
	if !ok {
		return nil, fmt.Errorf("no method is called %q; there are %s", name, strings.Join(Names(), ", "))
	}
	return m(n, o), nil
}
