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
	{regexp.MustCompile(`^stages\.(\d)\.(\d+)\.`), "stages.$1.blocks.$2."},
	{regexp.MustCompile(`^(?:model\.)?stages\.0\.downsample_layers\.(\d)\.`), "stem.$1."},
	{regexp.MustCompile(`^(?:model\.)?stages\.(\d)\.downsample_layers\.(\d)\.`), "stages.$1.downsample.$2."},
	{regexp.MustCompile(`^(?:model\.)?stages\.(\d)\.layers\.(\d+)\.`), "stages.$1.blocks.$2."},
	{regexp.MustCompile(`^embeddings\.patch_embeddings\.`), "stem.0."},
	{regexp.MustCompile(`^embeddings\.layernorm\.`), "stem.1."},
	{regexp.MustCompile(`^encoder\.stages\.(\d)\.downsampling_layer\.(\d)\.`), "stages.$1.downsample.$2."},
	{regexp.MustCompile(`^encoder\.stages\.(\d)\.layers\.(\d+)\.`), "stages.$1.blocks.$2."},
	{regexp.MustCompile(`^(?:norm|layer_?norm)\.`), "head.norm."},
}

// convNeXtParts are the names of a block's parts in those files.
var convNeXtParts = strings.NewReplacer(
	".dwconv.", ".conv_dw.", ".depthwise_conv.", ".conv_dw.", ".layer_norm.", ".norm.", ".layernorm.", ".norm.",
	".pwconv", ".mlp.fc", ".pointwise_conv", ".mlp.fc", ".layer_scale_parameter", ".gamma",
)

// convNeXtName gives a parameter's name for that of such a file, and any other name as it is. "model." and "encoder." are part of the
// names only where files have them before the stages alone, so that they are no common beginning.
func convNeXtName(name string) string {
	for _, m := range convNeXtModules {
		if m.published.MatchString(name) {
			return convNeXtParts.Replace(m.published.ReplaceAllString(name, m.name))
		}
	}
	return name
}
