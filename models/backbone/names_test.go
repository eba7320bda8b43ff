package backbone

import (
	"fmt"
	"strings"
	"testing"

	"udml-gpu/kernels"
	"udml-gpu/models/layer"
	"udml-gpu/models/tape"
	"udml-gpu/models/weights"
	"udml-gpu/models/weights/file"
)

// shapes are a network's parameters, recorded for images of that size, and the map's.
func shapes(net Network, size int) ([]*tape.Param, *tape.Var) {
	dev := kernels.CPU()
	store, t := layer.NewShapes(dev, kernels.Float32), tape.New(dev, kernels.Float32, false)
	fmap, _ := net.Features(layer.NewScope(t, store), t.Input(dev.New(kernels.Float32, 1, size, size, 3)))
	return store.Params(), fmap
}

// TestSizes: every network leaves a map of Channels from MinSize on, also where maps inside are odd, and none below; but
// ResNets and EfficientNets pad everything, and 32 is the size that they can halve five times.
func TestSizes(t *testing.T) {
	padded := func(name string) bool {
		return strings.HasPrefix(name, "resnet") || strings.HasPrefix(name, "efficientnet")
	}
	for _, net := range networks {
		for size := net.MinSize; size < net.MinSize+64; size += 7 {
			if _, m := shapes(net, size); m.Dim(1) < 1 || m.Dim(2) != m.Dim(1) || m.Dim(3) != net.Channels {
				t.Errorf("%s at %d pixels: map %v", net.Name, size, m)
			}
		}
		if _, m := shapes(net, net.MinSize-1); m.Dim(1) > 0 && !padded(net.Name) {
			t.Errorf("%s at %d pixels: map %v, but MinSize is %d", net.Name, net.MinSize-1, m, net.MinSize)
		}
	}
}

// fileOf holds zeros for a network's parameters, under other names.
func fileOf(params []*tape.Param, name func(string) string) *file.Weights {
	f := &file.Weights{}
	for _, p := range params {
		shape := p.Value.Shape()
		if p.Conv {
			shape = []int{shape[0], shape[3], shape[1], shape[2]}
		}
		f.Tensors = append(f.Tensors, file.FromFloat32(name(p.Name), make([]float32, p.Value.Len()), shape...))
	}
	return f
}

// renamed replaces pairs of old and new in a name.
func renamed(pairs ...string) func(string) string { return strings.NewReplacer(pairs...).Replace }

// children is the name in torch.nn.Sequential(*list(resnet.children())[:-1]).
func children(name string) string {
	for place, child := range map[string]string{"0": "conv1", "1": "bn1", "4": "layer1", "5": "layer2", "6": "layer3", "7": "layer4"} {
		if rest, ok := strings.CutPrefix(name, child+"."); ok {
			return place + "." + rest
		}
	}
	return name
}

// liteOfTimm is timm's name of a parameter of efficientnet_lite2.
func liteOfTimm(name string) string {
	rest, inner := strings.CutPrefix(name, "_blocks.")
	if !inner {
		return renamed("_conv", "conv", "_bn0", "bn1", "_bn1", "bn2")(name)
	}
	var block int
	_, err := fmt.Sscanf(rest, "%d", &block)
	_, rest, ok := strings.Cut(rest, ".")
	if err != nil || !ok {
		return name
	}
	modules := renamed("_expand_conv", "conv_pw", "_bn0", "bn1", "_depthwise_conv", "conv_dw", "_bn1", "bn2", "_project_conv", "conv_pwl",
		"_bn2", "bn3")
	if block == 0 {
		modules = renamed("_depthwise_conv", "conv_dw", "_bn1", "bn1", "_project_conv", "conv_pw", "_bn2", "bn2")
	}
	stage := 0
	for _, blocks := range []int{1, 3, 3, 4, 4, 5, 1} {
		if block < blocks {
			break
		}
		block -= blocks
		stage++
	}
	return fmt.Sprintf("blocks.%d.%d.%s", stage, block, modules(rest))
}

// The names of a ConvNeXt's parameters in files of Meta and of transformers.
var (
	convNeXtOfMeta = renamed("stem.", "downsample_layers.0.", "stages.1.downsample.", "downsample_layers.1.",
		"stages.2.downsample.", "downsample_layers.2.", "stages.3.downsample.", "downsample_layers.3.", ".blocks.", ".",
		"conv_dw", "dwconv", "mlp.fc", "pwconv", "head.norm", "norm")
	convNeXtOfDINOv3 = renamed("stem.", "stages.0.downsample_layers.", ".downsample.", ".downsample_layers.", ".blocks.", ".layers.",
		"conv_dw", "depthwise_conv", "mlp.fc", "pointwise_conv", "head.norm", "layer_norm", ".norm.", ".layer_norm.")
	convNeXtOfTransformers = renamed("stem.0", "embeddings.patch_embeddings", "stem.1", "embeddings.layernorm",
		"stages.", "encoder.stages.", ".downsample.", ".downsampling_layer.", ".blocks.", ".layers.", "conv_dw", "dwconv",
		"mlp.fc", "pwconv", ".gamma", ".layer_scale_parameter", "head.norm", "layernorm", ".norm.", ".layernorm.")
)

// published are ways in which files name the parameters of a network, beyond those of its golden.
var published = []struct {
	network, file string
	name          func(string) string
}{
	{"resnet18", "DataParallel", func(n string) string { return "module." + n }},
	{"resnet50", "a detector", func(n string) string { return "backbone.body." + n }},
	{"resnet18", "a Sequential of its children", children},
	{"resnet50", "Lightly", func(n string) string { return "backbone." + children(n) }},
	{"squeezenet", "lightning", func(n string) string { return "model.encoder." + n }},
	{"bninception", "proxy losses", func(n string) string { return "model." + n }},
	{"googlenet_caffe", "Caffe's blobs", renamed(".weight", "/0", ".bias", "/1")},
	{"googlenet_caffe", "dots", renamed(".weight", ".0", ".bias", ".1")},
	{"googlenet_caffe", "numbers", renamed("/", "_", ".weight", "_0", ".bias", "_1")},
	{"googlenet_caffe", "slashes", renamed(".", "/")},
	{"googlenet_caffe", "caffe-tensorflow", renamed("/", "_", ".weight", "/weights", ".bias", "/biases")},
	{"googlenet_caffe", "Caffe2", renamed(".weight", "_w", ".bias", "_b")},
	{"googlenet_caffe", "ONNX", renamed(".weight", "_w_0", ".bias", "_b_0")},
	{"googlenet_caffe", "Matlab", renamed("/", "-")},
	{"efficientnet_lite2", "timm", liteOfTimm},
	{"convnext_tiny", "Meta", convNeXtOfMeta},
	{"convnext_tiny", "Meta's checkpoint", func(n string) string { return "model." + convNeXtOfMeta(n) }},
	{"convnext_tiny", "DINOv3 of transformers in a program", func(n string) string { return "model." + convNeXtOfDINOv3(n) }},
	{"convnext_small", "a trainer of Meta's", func(n string) string { return "backbone." + convNeXtOfMeta(n) }},
	{"convnext_tiny", "DINOv3 of transformers", convNeXtOfDINOv3},
	{"convnext_base", "DINOv3 of transformers, in memory", func(n string) string {
		return strings.Replace("model."+convNeXtOfDINOv3(n), "model.layer_norm", "layer_norm", 1)
	}},
	{"convnext_tiny", "transformers", convNeXtOfTransformers},
	{"convnext_tiny", "transformers' classifier", func(n string) string { return "convnext." + convNeXtOfTransformers(n) }},
	{"googlenet_caffe", "wrapped", func(n string) string { return "net." + renamed("/", "_")(n) }},
}

func TestPublishedNames(t *testing.T) {
	for _, p := range published {
		net, err := Find(p.network)
		if err != nil {
			t.Fatal(err)
		}
		params, _ := shapes(net, net.MinSize)
		f := fileOf(params, p.name)
		f.Tensors = append(f.Tensors, file.FromFloat32("loss1/conv_w", nil, 0), file.FromFloat32("fc.weight", nil, 0))
		fit, err := weights.Compare(params, f, weights.LoadOptions{Published: true, Rename: net.Rename})
		if err != nil || fit.Matched != len(params) || len(fit.Extra) != 2 {
			t.Errorf("%s of %s: %d of %d, missing %.3v, extra %.3v, %v", p.network, p.file, fit.Matched, len(params), fit.Missing,
				fit.Extra, err)
		}
	}
}

// TestWeightsAreToBeHad: there are weights of every network but conv4, and Published says where.
func TestWeightsAreToBeHad(t *testing.T) {
	for _, net := range networks {
		if net.HasWeights() != (net.Name != "conv4") {
			t.Errorf("%s: %v", net.Name, net.HasWeights())
		}
		if net.BuiltIn == nil {
			continue
		}
		f, err := net.BuiltIn()
		if err != nil {
			t.Fatal(err)
		}
		params, _ := shapes(net, net.MinSize)
		if fit, err := weights.Compare(params, f, weights.LoadOptions{}); err != nil || fit.Matched != len(params) {
			t.Errorf("%s: %+v, %v", net.Name, fit, err)
		}
	}
}

// TestDifferencesAreNamed: for each network, a file with one parameter of another shape says which, and how.
func TestDifferencesAreNamed(t *testing.T) {
	for _, net := range networks {
		params, _ := shapes(net, net.MinSize)
		f := fileOf(params, func(n string) string { return "backbone." + n })
		last := &f.Tensors[len(f.Tensors)-1]
		*last = file.FromFloat32(last.Name, make([]float32, 7), 7)
		err := weights.Load(params, f, weights.LoadOptions{Published: true, Rename: net.Rename})
		name := params[len(params)-1].Name
		want := "tensors do not fit: 1 of another shape or type (" + name + " (backbone." + name + " in the file) is F32[7], want ["
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s: error %v, want %q", net.Name, err, want)
		}
	}
}
