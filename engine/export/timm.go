package export

import (
	"fmt"
	"math"
	"strings"

	"udml-gpu/engine/network"
	"udml-gpu/engine/setting"
	"udml-gpu/models/backbone"
)

// timmModel is the model of timm that computes a network's features.
type timmModel struct {
	architecture string
	args         map[string]any // of timm.create_model, besides the architecture's own
	features     int            // of the pooled result
	head         bool           // the network's projection stands behind it, in the first linear layer
	halved       bool           // it gives half the features, so that the first linear layer doubles them
	spec         backbone.Spec  // of a transformer
}

// errNoTimm is the error for a network that timm does not have as it is used here.
func errNoTimm(format string, args ...any) error {
	return setting.Usage("--to hub: %s; --to torch and --to onnx write any network", fmt.Sprintf(format, args...))
}

// timmOf finds the model of timm for a network.
func timmOf(n *network.Network) (*timmModel, error) {
	c := n.Config
	switch {
	case c.Channels != 3:
		return nil, errNoTimm("timm, transformers and sentence-transformers prepare colour images, and the network takes grey ones")
	case c.Invert:
		return nil, errNoTimm("timm, transformers and sentence-transformers cannot invert images")
	case n.Backbone.BGR:
		return nil, errNoTimm("timm, transformers and sentence-transformers give networks red before blue, and this one takes the reverse")
	case c.MirrorAverage:
		return nil, errNoTimm("timm has no features of mirror images (--mirror-average)")
	case n.Backbone.Taken > 1:
		return nil, errNoTimm("timm pools the last stage alone, and the network pools %d (--stages 1 would be one)", n.Backbone.Taken)
	case c.AlsoSize != 0:
		return nil, errNoTimm("timm sees an image at one size, and the network at two (--also-size 0 would be one)")
	}
	if spec, err := backbone.ParseSpec(n.Backbone.Name); err == nil {
		return timmTransformer(n, spec)
	}
	return timmConvolutional(n)
}

// timmConvolutional is that of a network that is no transformer.
func timmConvolutional(n *network.Network) (*timmModel, error) {
	m := &timmModel{features: n.Width(), args: map[string]any{}}
	name := n.Backbone.Name
	switch {
	case strings.HasPrefix(name, "resnet"), strings.HasPrefix(name, "convnext_"):
		m.architecture = name
	case strings.HasPrefix(name, "efficientnet_lite"):
		usual, err := backbone.Find(name)
		if err != nil {
			return nil, err
		}
		if n.Config.Size != usual.Size {
			return nil, errNoTimm("timm pads images of %d pixels in another way than %s, whose padding is that of %d pixels",
				n.Config.Size, name, usual.Size)
		}
		m.architecture = "tf_" + name
	default:
		return nil, errNoTimm("timm has no network like %s", name)
	}
	word, ok := timmPools[n.Backbone.Pooling()]
	if !ok {
		return nil, errNoTimm("timm has no --pool %s", n.Backbone.Pooling())
	}
	m.args["global_pool"] = word
	m.halved = word == "avgmax" && !strings.HasPrefix(name, "convnext_") // whose norm stands behind the pooling
	return m, nil
}

// timmPools are timm's names of poolings over the map. Its avgmax is the mean of both, where mean+max is the sum.
var timmPools = map[string]string{backbone.PoolMean: "avg", backbone.PoolMax: "max", backbone.PoolMeanMax: "avgmax"}

// timmSizes are the words for the widths of transformers in timm's names. The arguments decide, whatever the word is.
var timmSizes = map[int]string{192: "tiny", 384: "small", 768: "base", 1024: "large"}

// timmEps are the numbers that the layer norms of timm's architectures add to the variance.
var timmEps = map[string]float64{"vit": 1e-6, "dinov2": 1e-6, "dinov3": 1e-5, "clip": 1e-5, "siglip": 1e-6}

// timmActs are timm's names of activations.
var timmActs = map[string]string{"erf": "gelu", "tanh": "gelu_tanh", "quick": "quick_gelu"}

func timmTransformer(n *network.Network, s backbone.Spec) (*timmModel, error) {
	m := &timmModel{features: s.Dim, spec: s, args: map[string]any{
		"img_size": n.Config.Size, "patch_size": s.Patch, "embed_dim": s.Dim, "depth": s.Depth, "num_heads": s.Heads,
		"mlp_ratio": ratio(s.MLP, s.Dim),
	}}
	if math.Abs(s.Eps-timmEps[s.Family]) > 1e-6 { // less is nothing beside variances near 1
		return nil, errNoTimm("timm's layer norms add %g to the variance, and those of %s add %g", timmEps[s.Family], s.Name(), s.Eps)
	}
	m.name(s)
	pool := n.Backbone.Pooling()
	switch word := timmPools[pool]; {
	case pool == backbone.PoolClass:
		m.args["global_pool"] = "token"
	case pool == backbone.PoolHead && s.Family == "clip":
		m.args["global_pool"], m.head = "token", true
	case pool == backbone.PoolHead:
		m.args["global_pool"] = "map"
	case word != "":
		m.args["global_pool"], m.halved = word, word == "avgmax"
		if s.Family != "dinov3" {
			m.args["fc_norm"] = false // the norm comes before the pooling
		}
	default:
		return nil, errNoTimm("timm has no --pool %s", pool)
	}
	return m, nil
}

// name sets the architecture of a family, and the arguments that are its own.
func (m *timmModel) name(s backbone.Spec) {
	size := timmSizes[s.Dim]
	if size == "" {
		size = "small"
	}
	if s.GELU != "" && s.GELU != "erf" {
		m.args["act_layer"] = timmActs[s.GELU]
	}
	switch s.Family {
	case "vit":
		m.architecture = "vit_" + size + "_patch16_224"
	case "dinov2":
		if s.SwiGLU {
			size = "giant"
			m.args["mlp_ratio"] = ratio(2*s.MLP, s.Dim) // timm counts both halves
		}
		m.architecture = "vit_" + size + "_patch14_dinov2"
		if s.Registers > 0 {
			m.architecture = "vit_" + size + "_patch14_reg4_dinov2"
			m.args["reg_tokens"] = s.Registers
		}
	case "dinov3":
		if s.SwiGLU {
			size = "small_plus"
		}
		m.architecture = "vit_" + size + "_patch16_dinov3_qkvb"
		m.args["num_reg_tokens"] = s.Registers
	case "clip":
		m.architecture = "vit_base_patch32_clip_224"
		if s.GELU == "quick" {
			m.architecture = "vit_base_patch32_clip_quickgelu_224"
		}
	case "siglip":
		m.architecture = "vit_base_patch16_siglip_224"
	}
}

// ratio is the factor with which timm computes the width of an MLP: int(dim factor).
func ratio(mlp, dim int) float64 {
	r := float64(mlp) / float64(dim)
	if int(float64(dim)*r) == mlp {
		return r
	}
	return (float64(mlp) + 0.5) / float64(dim)
}
