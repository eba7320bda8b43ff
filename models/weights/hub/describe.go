package hub

import (
	"fmt"
	"slices"
	"strings"

	"udml-gpu/models/backbone"
	"udml-gpu/models/weights/file"
)

// titles are the families as their papers write them; that of a plain ViT is nothing.
var titles = map[string]string{dinov2: "DINOv2 ", dinov3: "DINOv3 ", clip: "CLIP ", siglip: "SigLIP "}

// letters are the sizes of published ViTs by the width of a token.
var letters = map[int]string{
	192: "-Ti", 384: "-S", 768: "-B", 1024: "-L", 1152: "-SO400M", 1280: "-H", 1408: "-g", 1536: "-g", 1664: "-G", 4096: "-7B",
}

// Describe says what the weights are and what decides it: "a DINOv2 ViT-S/14 with 4 registers (config.json: model_type
// dinov2_with_registers; dim 384, depth 12)".
func (o *Opened) Describe() string {
	if o.Spec.Family == "" {
		return ""
	}
	reads := o.Reads
	if reads == "" {
		reads = "by the names and shapes of its tensors"
	}
	return fmt.Sprintf("%s (%s; dim %d, depth %d)", titleOf(o.Spec), reads, o.Spec.Dim, o.Spec.Depth)
}

// titleOf is the network in a few words.
func titleOf(s backbone.Spec) string {
	text := fmt.Sprintf("a %sViT%s/%d", titles[s.Family], letters[s.Dim], s.Patch)
	var with []string
	switch s.Registers {
	case 0:
	case 1:
		with = append(with, "1 register")
	default:
		with = append(with, fmt.Sprintf("%d registers", s.Registers))
	}
	if s.SwiGLU {
		with = append(with, "SwiGLU")
	}
	if s.GELU == "quick" {
		with = append(with, "QuickGELU")
	}
	if len(with) == 0 {
		return text
	}
	return text + " with " + strings.Join(with, " and ")
}

// textNames begin the names of a text tower's tensors, and of what it shares with an image tower: those of transformers, of open_clip,
// and of open_clip's towers of other programs.
var textNames = []string{
	"text_model.", "text_projection", "text.", "logit_scale", "logit_bias", "transformer.resblocks.", "token_embedding.",
	"positional_embedding", "ln_final.", "attn_mask",
}

// imageNames begin the names of an image tower's tensors beside a text tower.
var imageNames = []string{"vision_model.", "visual."}

// textTower tells for the name of a tensor of w whether it belongs to a text tower beside an image tower.
func textTower(w *file.Weights) func(name string) bool {
	var wrappers []string
	for _, t := range w.Tensors {
		for _, image := range imageNames {
			if at := strings.Index("."+t.Name, "."+image); at >= 0 && !slices.Contains(wrappers, t.Name[:at]) {
				wrappers = append(wrappers, t.Name[:at])
			}
		}
	}
	return func(name string) bool {
		return slices.ContainsFunc(wrappers, func(wrapper string) bool {
			rest, ok := strings.CutPrefix(name, wrapper)
			return ok && slices.ContainsFunc(textNames, func(b string) bool { return strings.HasPrefix(rest, b) })
		})
	}
}
