package backbone

import (
	"regexp"
	"strings"
)

// convNeXtModules are the ways in which files other than timm's name the modules of a ConvNeXt: Meta's (ImageNet and DINOv3), and
// those of Hugging Face's ConvNextModel and DINOv3ConvNextModel. The first that fits counts.
var convNeXtModules = []struct {
	published *regexp.Regexp
	name      string
}{
	{regexp.MustCompile(`^downsample_layers\.0\.(\d)\.`), "stem.$1."},
	{regexp.MustCompile(`^downsample_layers\.(\d)\.(\d)\.`), "stages.$1.downsample.$2."},
	{regexp.MustCompile(`^stages\.0\.downsample_layers\.(\d)\.`), "stem.$1."},
	{regexp.MustCompile(`^stages\.(\d)\.downsampl(?:e_layers|ing_layer)\.(\d)\.`), "stages.$1.downsample.$2."},
	{regexp.MustCompile(`^stages\.(\d)\.(?:layers\.)?(\d+)\.`), "stages.$1.blocks.$2."},
	{regexp.MustCompile(`^embeddings\.patch_embeddings\.`), "stem.0."},
	{regexp.MustCompile(`^embeddings\.layernorm\.`), "stem.1."},
	{regexp.MustCompile(`^(?:norm|layer_?norm)\.`), "head.norm."},
}

// convNeXtParts are the names of a block's parts in those files.
var convNeXtParts = strings.NewReplacer(
	".dwconv.", ".conv_dw.", ".depthwise_conv.", ".conv_dw.", ".layer_norm.", ".norm.", ".layernorm.", ".norm.",
	".pwconv", ".mlp.fc", ".pointwise_conv", ".mlp.fc", ".layer_scale_parameter", ".gamma",
)

// convNeXtName gives a parameter's name for that of such a file, and any other name as it is. Some of Hugging Face's files have "model."
// or "encoder." before the stages alone, so that it is no common beginning.
func convNeXtName(name string) string {
	inner := strings.TrimPrefix(strings.TrimPrefix(name, "model."), "encoder.")
	for _, m := range convNeXtModules {
		if m.published.MatchString(inner) {
			return convNeXtParts.Replace(m.published.ReplaceAllString(inner, m.name))
		}
	}
	return name
}
