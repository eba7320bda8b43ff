package backbone

import (
	"regexp"
	"strings"
)

// caffeBlob maps the names that programs give a layer's blobs when they convert Caffe's weights: a number, as Caffe itself
// (conv1/7x7_s2/0), or a word of torch, TensorFlow or Caffe2 (conv1/7x7_s2_w_0 in the model zoo of ONNX), after any separator.
var caffeBlob = regexp.MustCompile(`^(.+?)[./_](?:(weights?|w|w_0|0)|(bias|biases|b|b_0|1))$`)

// caffeSeparators are the characters that stand for the slash in a layer's name, which many languages and file systems do not allow.
var caffeSeparators = strings.NewReplacer("/", "_", ".", "_", "-", "_")

// caffeLayers are the layers of googlenet_caffe by their names without slashes.
var caffeLayers = func() map[string]string {
	names := []string{"conv1/7x7_s2", "conv2/3x3_reduce", "conv2/3x3"}
	for _, m := range inceptions {
		for _, branch := range []string{"1x1", "3x3_reduce", "3x3", "5x5_reduce", "5x5", "pool_proj"} {
			names = append(names, caffeModule(m.name)+"/"+branch)
		}
	}
	layers := map[string]string{}
	for _, name := range names {
		layers[caffeSeparators.Replace(name)] = name
	}
	return layers
}()

// caffeModule is Caffe's name of an inception module.
func caffeModule(name string) string { return strings.Replace(name, "inception", "inception_", 1) }

// caffeName is the parameter's name for a blob of googlenet_caffe, and any other name as it is.
func caffeName(name string) string {
	m := caffeBlob.FindStringSubmatch(name)
	if m == nil {
		return name
	}
	layer := caffeLayers[caffeSeparators.Replace(m[1])]
	switch {
	case layer == "":
		return name
	case m[2] != "":
		return layer + ".weight"
	}
	return layer + ".bias"
}
