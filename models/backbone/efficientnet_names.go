package backbone

import (
	"fmt"
	"strings"

	"udml-gpu/models/weights/file"
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

// RenameLite gives the tensors of a network of that name, which is an EfficientNet-Lite, timm's names.
func RenameLite(name string, tensors []file.Tensor) error {
	var number int
	if _, err := fmt.Sscanf(name, "efficientnet_lite%d", &number); err != nil || number < 0 || number >= len(liteScales) {
		return fmt.Errorf("%s is no EfficientNet-Lite", name)
	}
	names := map[string]string{}
	for timm, own := range liteTop {
		names[own] = timm
	}
	block := 0
	for i, stage := range liteScales[number].of(liteStages) {
		modules := liteInner
		if stage.expand == 1 {
			modules = liteFirst
		}
		for j := range stage.blocks {
			for timm, own := range modules {
				names[fmt.Sprintf("_blocks.%d.%s", block, own)] = fmt.Sprintf("blocks.%d.%d.%s", i, j, timm)
			}
			block++
		}
	}
	for i := range tensors {
		dot := strings.LastIndexByte(tensors[i].Name, '.')
		module := names[tensors[i].Name[:dot]]
		if module == "" {
			return fmt.Errorf("%s has no name in timm", tensors[i].Name)
		}
		tensors[i].Name = module + tensors[i].Name[dot:]
	}
	return nil
}
