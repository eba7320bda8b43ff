package hub

import (
	"fmt"
	"slices"
	"strings"
)

// modelType is a value of model_type in transformers' config.json.
type modelType struct {
	name   string
	family string
	vision bool         // the numbers lie in vision_config, beside those of a text tower
	usual  Architecture // the defaults of its configuration class, which config.json may leave out
}

// Names of families, as the networks have them.
const (
	dinov2   = "dinov2"
	dinov3   = "dinov3"
	clip     = "clip"
	siglip   = "siglip"
	vit      = "vit"
	convnext = "convnext"
)

// base are the sizes of ViT-B, the defaults of most classes.
func base(patch int, activation string, eps float64) Architecture {
	return Architecture{Dim: 768, Depth: 12, Heads: 12, Patch: patch, Activation: activation, Eps: eps}
}

// modelTypes are the values that are read (transformers 5, configuration_*.py).
var modelTypes = []modelType{
	{"dinov2", dinov2, false, base(14, "gelu", 1e-6)},
	{"dinov2_with_registers", dinov2, false, base(16, "gelu", 1e-6)},
	{"dinov3_vit", dinov3, false, Architecture{Dim: 384, Depth: 12, Heads: 6, Patch: 16, Activation: "gelu", Eps: 1e-5}},
	{"dinov3_convnext", convnext, false, Architecture{Activation: "gelu", Eps: 1e-6}},
	{"clip", clip, true, base(32, "quick_gelu", 1e-5)},
	{"clip_vision_model", clip, false, base(32, "quick_gelu", 1e-5)},
	{"siglip", siglip, true, base(16, "gelu_pytorch_tanh", 1e-6)},
	{"siglip_vision_model", siglip, false, base(16, "gelu_pytorch_tanh", 1e-6)},
	{"vit", vit, false, base(16, "gelu", 1e-12)},
	{"convnext", convnext, false, Architecture{Activation: "gelu", Eps: 1e-12}},
}

// naFlex are the model types of SigLIP 2 with images of any proportions, whose patches are embedded by a matrix.
var naFlex = []string{"siglip2", "siglip2_vision_model"}

// plain reads config.json: timm's has an architecture, transformers' a model_type.
func (o *object) plain(f folder) (*Model, error) {
	if o.has("architecture") && !o.has("model_type") {
		return o.timm()
	}
	name := o.text("model_type")
	i := slices.IndexFunc(modelTypes, func(t modelType) bool { return t.name == name })
	switch {
	case o.err() != nil:
		return nil, o.err()
	case slices.Contains(naFlex, name):
		return nil, fmt.Errorf("%s: model_type %s is SigLIP 2 with NaFlex, which takes images of any proportions and embeds patches by a "+
			"matrix: supported is SigLIP 2 of a fixed size, such as siglip2-base-patch16-224", o.file, name)
	case name == "":
		return nil, fmt.Errorf("%s names neither a model_type, as transformers' does, nor an architecture, as timm's: it is not the "+
			"configuration of a model; supported are %s", o.file, supported())
	case i < 0:
		return nil, fmt.Errorf("%s: model_type %.60q is not known: supported are %s; a file of another network is named with --backbone",
			o.file, name, supported())
	}
	m := &Model{Reads: configFile + ": model_type " + name}
	m.Architecture = o.transformers(modelTypes[i])
	if name == "dinov3_convnext" {
		m.Licence = "dinov3-license" // unless the README names another
	}
	if o.err() != nil {
		return nil, o.err()
	}
	m.Input, m.inputFault = f.input(m.Family)
	return m, nil
}

// supported lists the model types, for messages.
func supported() string {
	var names []string
	for _, t := range modelTypes {
		names = append(names, t.name)
	}
	return strings.Join(names, ", ")
}

// transformers is the architecture of a model type.
func (o *object) transformers(t modelType) Architecture {
	v, a := o, t.usual
	if t.vision {
		v = o.objectOr("vision_config")
	}
	a.Source, a.Family = Transformers, t.family
	if n := v.whole("num_channels", 3); n != 3 {
		v.wrong("num_channels", "3")
	}
	if act := v.text("hidden_act"); act != "" {
		a.Activation = act
	}
	if a.Eps = v.number("layer_norm_eps", a.Eps); !(a.Eps > 0 && a.Eps <= 0.1) {
		v.wrong("layer_norm_eps", "a number above 0 and up to 0.1")
	}
	if t.family == convnext {
		return a // its tensors give all sizes
	}
	a.Dim, a.Depth = v.whole("hidden_size", a.Dim), v.whole("num_hidden_layers", a.Depth)
	a.Heads, a.Patch = v.whole("num_attention_heads", a.Heads), v.square("patch_size", a.Patch)
	if theta := v.number("rope_theta", 100); theta != 100 {
		v.wrong("rope_theta", "100, as in every published DINOv3")
	}
	return a
}

// square is a side in pixels, given as a number or as a list of two equal ones.
func (o *object) square(key string, absent int) int {
	if _, list := o.values[key].([]any); !list {
		return o.whole(key, absent)
	}
	sides := o.numbers(key, 2, 1, maxWhole)
	if sides == nil {
		return absent
	}
	if sides[0] != sides[1] {
		o.wrong(key, "a square")
	}
	return int(sides[0])
}

// unquantised refuses weights in a quantised form.
func (o *object) unquantised() error {
	q := o.object("quantization_config")
	if q == nil {
		return o.err()
	}
	return fmt.Errorf("%s: the weights are quantised (quantization_config, quant_method %.40q): supported are weights in float32, float16 "+
		"and bfloat16; take the model that this one was made from", o.file, q.text("quant_method"))
}
