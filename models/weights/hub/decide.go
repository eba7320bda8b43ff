package hub

import (
	"errors"
	"fmt"
	"strings"

	"udml-gpu/models/backbone"
	"udml-gpu/models/weights/file"
	"udml-gpu/models/weights/published"
)

// Decide is the transformer that the weights are of: the tensors of outline decide, and what the configuration says must agree with
// them. For weights that are not a transformer's the error wraps published.ErrNone.
func (m *Model) Decide(outline *file.Weights) (backbone.Spec, error) {
	s, err := published.SpecOf(outline, published.Config{Heads: m.Heads, Activation: m.Activation, Eps: m.Eps})
	if errors.Is(err, published.ErrNone) && m.Family != "" {
		return s, fmt.Errorf("it says %s, and %w: supported are the families %s", m.Reads, err, strings.Join(backbone.Families(), ", "))
	}
	if err != nil {
		return s, err
	}
	if m.Source == Timm && s.Interp != "" {
		s.Interp = "timm"
	}
	return s, m.agrees(s)
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

// Prepared is how the publisher of the weights of spec prepares images: as the folder says, or as is usual for the family.
func (m *Model) Prepared(s backbone.Spec) *Input {
	if m.Input != nil {
		return m.Input
	}
	return Usual(s.Family, s.Grid*s.Patch)
}
