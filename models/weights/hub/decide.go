package hub

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"udml-gpu/models/backbone"
	"udml-gpu/models/weights/file"
	"udml-gpu/models/weights/published"
)

// Opened is a model whose weights are open: their names and shapes are known, and elements are read on request.
type Opened struct {
	*Model
	File    *file.Opened  // without the text tower
	Outline *file.Weights // every tensor of File without its elements
	Spec    backbone.Spec // the transformer that they are of; without a Family they are of another network
	Text    Group         // the text tower beside them, which is not used

	Undecided error // why it cannot be told which transformer they are of, where they are one's
}

// Group is tensors that are not looked at one by one.
type Group struct {
	Tensors int `json:"tensors"`
	Bytes   int `json:"bytes"`
}

// OpenWeights opens the file or the folder at path, and decides which transformer it holds. What neither tensors nor configuration show
// is taken from asked, the network that the user names: its GELU, the number of its heads, its epsilon; a zero Spec names none. Where that
// does not decide it, the result says why (Undecided). The error is one sentence. The caller closes the result.
func OpenWeights(path string, asked backbone.Spec) (*Opened, error) {
	m, err := Open(path)
	if err != nil {
		return nil, err
	}
	f, err := file.Open(m.Weights)
	if err != nil {
		return nil, fmt.Errorf("%w; expected %s, or the folder of a model", err, file.Formats)
	}
	o := &Opened{Model: m, File: f}
	o.leaveText()
	if m.Family == convnext {
		m.Backbone, o.Undecided = convNeXtOf(o.Outline)
		return o, nil
	}
	if o.Spec, o.Undecided = m.decide(o.Outline, asked); o.Undecided != nil {
		o.Spec = backbone.Spec{}
	}
	return o, nil
}

// convNeXtOf is the name of the ConvNeXt that the tensors are of.
func convNeXtOf(outline *file.Weights) (string, error) {
	var names []string
	for _, t := range outline.Tensors {
		names = append(names, t.Name)
	}
	return backbone.ConvNeXtOf(names, func(name string) []int {
		t, _ := outline.Get(name)
		return t.Shape
	})
}

// leaveText takes the text tower out of the file.
func (o *Opened) leaveText() {
	all := o.File.Outline()
	ofText := textTower(all)
	for _, t := range all.Tensors {
		if ofText(t.Name) {
			o.Text.Tensors, o.Text.Bytes = o.Text.Tensors+1, o.Text.Bytes+t.Bytes()
		}
	}
	o.File = o.File.Without(ofText)
	o.Outline = o.File.Outline()
}

// Named is w, tensors of the file, under the names that its network has for them.
func (o *Opened) Named(w *file.Weights) (*file.Weights, error) {
	if o.Spec.Family == "" {
		return w, nil
	}
	return published.Converted(o.Spec, w)
}

// Close closes the file of the weights, or all shards.
func (o *Opened) Close() error { return o.File.Close() }

// decide is the transformer that the weights are of: the tensors of outline decide, and what the configuration says must agree with
// them. The zero Spec is that of other networks' weights.
func (m *Model) decide(outline *file.Weights, asked backbone.Spec) (backbone.Spec, error) {
	switch {
	case m.Backbone != "":
		return backbone.Spec{}, nil
	case m.Family != "" && !slices.Contains(backbone.Families(), m.Family):
		return backbone.Spec{}, fmt.Errorf("its %s, a network that this program does not have: of transformers there are the families %s",
			m.Reads, strings.Join(backbone.Families(), ", "))
	}
	s, err := published.SpecOf(outline, m.known(asked))
	switch none := errors.Is(err, published.ErrNone); {
	case none && m.Family == "":
		return backbone.Spec{}, nil
	case none:
		return s, fmt.Errorf("its %s, but %w: the two do not belong together", m.Reads, err)
	case err != nil:
		if s.Dim > 0 && s.Depth > 0 && m.agrees(s) != nil { // which may be the reason
			err = m.agrees(s)
		}
		return s, err
	}
	switch {
	case m.Source == Timm && s.Interp != "":
		s.Interp = "timm"
	case asked.Interp != "" && s.Interp != "":
		s.Interp = asked.Interp
	}
	return s, m.agrees(s)
}

// known is what the configuration says, or else the user.
func (m *Model) known(asked backbone.Spec) published.Config {
	c := published.Config{Heads: m.Heads, Activation: m.Activation, Eps: m.Eps}
	if c.Heads == 0 {
		c.Heads = asked.Heads
	}
	if c.Eps == 0 {
		c.Eps = asked.Eps
	}
	if c.Activation == "" {
		c.Activation = map[string]string{"erf": "gelu", "tanh": "gelu_pytorch_tanh", "quick": "quick_gelu"}[asked.GELU]
	}
	return c
}

// agrees is an error where the configuration is that of another network than the tensors'.
func (m *Model) agrees(s backbone.Spec) error {
	if m.Family != "" && m.Family != s.Family {
		return fmt.Errorf("its %s, but its tensors are those of %s: the two do not belong together", m.Reads, s.Family)
	}
	for _, n := range []struct {
		what        string
		said, found int
	}{{"channels", m.Dim, s.Dim}, {"blocks", m.Depth, s.Depth}, {"pixels in the side of a patch", m.Patch, s.Patch}} {
		if n.said != 0 && n.said != n.found {
			return fmt.Errorf("its configuration (%s) says %d %s, but its tensors have %d: the two do not belong together", m.Reads, n.said,
				n.what, n.found)
		}
	}
	return nil
}

// wantUnquantised is an error for weights in a quantised form, which no network takes.
func (o *Opened) wantUnquantised() error {
	found := o.Outline.Quantised()
	if found == "" {
		return nil
	}
	return fmt.Errorf("the weights are quantised (%s): supported are weights in float32, float16 and bfloat16; take the model that this "+
		"one was made from", found)
}

// Want is an error for weights that no network takes: quantised ones, and those of a transformer that is not decided unless another network
// is named.
func (o *Opened) Want(another bool) error {
	if err := o.wantUnquantised(); err != nil || another {
		return err
	}
	return o.Undecided
}

// Prepared is how the publisher of the weights prepares images: as the folder says, or as is usual for the family; nil where neither is
// known. The error is for a preparation that cannot be reproduced.
func (o *Opened) Prepared() (*Input, error) {
	switch {
	case o.inputFault != nil:
		return nil, o.inputFault
	case o.Input == nil && o.Spec.Family != "":
		return UsualOf(o.Spec), nil
	}
	return o.Input, nil
}
