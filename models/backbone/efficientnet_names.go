package backbone

import (
	"fmt"
	"strings"
)

// liteTop are timm's names of the modules outside of the blocks.
var liteTop = map[string]string{"conv_stem": "_conv_stem", "bn1": "_bn0", "conv_head": "_conv_head", "bn2": "_bn1"}

// liteFirst and liteInner are timm's names of the modules of a block, in those that do not widen and in the others.
var (
	liteFirst = map[string]string{"conv_dw": "_depthwise_conv", "bn1": "_bn1", "conv_pw": "_project_conv", "bn2": "_bn2"}
	liteInner = map[string]string{
		"conv_pw": "_expand_conv", "bn1": "_bn0", "conv_dw": "_depthwise_conv", "bn2": "_bn1", "conv_pwl": "_project_conv", "bn3": "_bn2",
	}
)

// liteName gives a parameter's name for timm's (tf_efficientnet_lite0 and so on), which count blocks in each stage, and any other name
// as it is.
func liteName(stages []liteStage) func(string) string {
	return func(name string) string {
		if module, rest, _ := strings.Cut(name, "."); liteTop[module] != "" {
			return liteTop[module] + "." + rest
		}
		var stage, block int
		parts := strings.SplitN(name, ".", 4)
		if len(parts) < 4 {
			return name
		}
		if n, _ := fmt.Sscanf(name, "blocks.%d.%d.", &stage, &block); n != 2 || stage < 0 || stage >= len(stages) {
			return name
		}
		modules := liteInner
		if stages[stage].expand == 1 {
			modules = liteFirst
		}
		module, rest, _ := strings.Cut(parts[3], ".")
		if modules[module] == "" {
			return name
		}
		for _, s := range stages[:stage] {
			block += s.blocks
		}
		return fmt.Sprintf("_blocks.%d.%s.%s", block, modules[module], rest)
	}
}
