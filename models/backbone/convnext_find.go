package backbone

import (
	"errors"
	"fmt"
	"strings"
)

// convNeXts are the forms of the ConvNeXts by name.
var convNeXts = []struct {
	name string
	form convNeXtForm
}{{"convnext_tiny", convNeXtTinyForm}, {"convnext_small", convNeXtSmallForm}, {"convnext_base", convNeXtBaseForm}}

// ConvNeXtOf is the name of the ConvNeXt whose parameters, under any of their published names, are those; shape
// gives the axes of the one of that name. The error says what was found and which there are.
func ConvNeXtOf(names []string, shape func(name string) []int) (string, error) {
	width, blocks := 0, map[string]bool{}
	for _, name := range names {
		own := convNeXtName(name)
		for rest, found := name, true; found && !strings.HasPrefix(own, "stem.") && !strings.HasPrefix(own, "stages."); {
			_, rest, found = strings.Cut(rest, ".") // behind a beginning that all names have
			own = convNeXtName(rest)
		}
		if own == "stem.0.weight" && len(shape(name)) == 4 {
			width = shape(name)[0]
		}
		if rest, found := strings.CutPrefix(own, "stages.2.blocks."); found {
			number, _, _ := strings.Cut(rest, ".")
			blocks[number] = true
		}
	}
	for _, n := range convNeXts {
		if n.form.width == width && n.form.blocks[2] == len(blocks) {
			return n.name, nil
		}
	}
	if width == 0 || len(blocks) == 0 {
		return "", errors.New("its tensors are not those of a ConvNeXt, which its configuration says")
	}
	return "", fmt.Errorf("its tensors are those of a ConvNeXt of %d channels with %d blocks in its third stage; there are "+
		"convnext_tiny (96, 9), convnext_small (96, 27) and convnext_base (128, 27)", width, len(blocks))
}
