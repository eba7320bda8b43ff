// Package published reads transformers from the weights that other programs publish: it decides from names and shapes which network a
// file holds, and turns its tensors into the network's own. The schemes of names are those of transformers (on disk and in memory),
// timm, Meta's DINO repositories, and OpenAI's CLIP and OpenCLIP, each behind any beginning up to a dot.
package published

import (
	"errors"
	"fmt"

	"udml-gpu/models/backbone"
	"udml-gpu/models/weights/file"
)

// Config is what tensors do not show and a config.json may say; zero values: nothing is known. The keys are those of transformers, which
// has them in "vision_config" where a model has two towers.
type Config struct {
	Heads      int     `json:"num_attention_heads"`
	Activation string  `json:"hidden_act"` // such as quick_gelu
	Eps        float64 `json:"layer_norm_eps"`
}

// ErrNone is the error for a file without a transformer's patch embedding.
var ErrNone = errors.New("no vision transformer is in the file")

// SpecOf decides which transformer an outline holds, whose tensors need no elements: the family by the tensors that it alone has, the
// numbers by shapes. A head has 64 channels unless c or the family's published networks say otherwise. Which GELU a CLIP has is not to be
// seen: without c it is an error that says how to decide. A text tower is ignored. It is ErrNone where there is no transformer, and an
// error where two differ.
func SpecOf(outline *file.Weights, c Config) (backbone.Spec, error) {
	var spec backbone.Spec
	for i, p := range places(outline, backbone.Spec{}) {
		s, err := p.spec(c)
		switch {
		case err != nil:
			return s, err
		case i > 0 && s != spec:
			return s, fmt.Errorf("the file holds two networks, %s and %s: choose one with --weights-part", spec.Name(), s.Name())
		}
		spec = s
	}
	if spec.Family == "" {
		return spec, ErrNone
	}
	return spec, nil
}

// Converted is w with the tensors that the network of spec has, by its names, each behind the beginning that its file has, such as
// "teacher.": q, k and v joined, a packed gate split, OpenCLIP's projection transposed, the class token's position in its place. Text
// towers, mask tokens and stored rotations are left out; other tensors without a parameter keep their names. Tensors without elements
// stay so, as in an outline. The error names the tensors that cannot be converted; which are missing is for weights.Load to tell.
func Converted(spec backbone.Spec, w *file.Weights) (*file.Weights, error) {
	out := &file.Weights{Format: w.Format, Metadata: w.Metadata}
	found := places(w, spec)
	if len(found) == 0 {
		return nil, ErrNone
	}
	for _, p := range found {
		c := conversion{spec, p}
		if err := c.run(); err != nil {
			return nil, err
		}
		for _, name := range p.names {
			if t := p.tensors[name]; t != nil {
				t.Name = p.beginning + name
				out.Tensors = append(out.Tensors, *t)
			}
		}
	}
	return out, nil
}
