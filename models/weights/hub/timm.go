package hub

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// timmFamilies are words in the names of timm's architectures and the family that they mean, the most special first.
var timmFamilies = []struct{ word, family string }{
	{"_dinov3", dinov3}, {"_dinov2", dinov2}, {"_siglip", siglip}, {"_clip_", clip},
}

// timmOthers are words in the names of architectures that compute something else from tensors of the same names.
var timmOthers = []string{"_rope", "_xp"}

// wideHeads are words in the names of architectures whose heads do not have 64 channels, and the number of heads.
var wideHeads = []struct {
	word  string
	heads int
}{
	{"vit_so400m_", 16},
	{"vit_huge_patch", 16},
	{"vit_giant_patch14_clip", 16},
	{"vit_giant_patch14_224", 16},
	{"vit_gigantic_", 16},
	{"vit_7b_", 32},
}

// timm reads timm's config.json, whose tensors give all sizes but that of a head.
func (o *object) timm() (*Model, error) {
	name, cfg := o.text("architecture"), o.objectOr("pretrained_cfg")
	m := &Model{Reads: configFile + ": architecture " + name, Licence: plainWord(cfg.text("license"))}
	if tag := cfg.text("tag"); tag != "" {
		m.Reads += "." + tag
	}
	if o.err() != nil {
		return nil, o.err()
	}
	m.Architecture = timmArchitecture(name)
	if m.Family == "" && m.Backbone == "" {
		return nil, fmt.Errorf("%s: architecture %.80q of timm is not known: supported are vit_*_dinov2, vit_*_dinov3, vit_*_clip_*, "+
			"vit_*_siglip_*, vit_*, convnext_* and resnet18, resnet50; a file of another network is named with --backbone", o.file, name)
	}
	if m.Activation == "gelu" && natively(cfg) {
		m.Activation = "" // trained with QuickGELU, while timm's architecture of that name has GELU: to be asked for
	}
	cfg = cfg.apart()
	m.Input, m.inputFault = cfg.timmInput(), cfg.inputErr()
	m.Input.From = configFile
	return m, nil
}

// timmArchitecture is what the name says.
func timmArchitecture(name string) Architecture {
	a := Architecture{Source: Timm}
	base, _, _ := strings.Cut(name, ".")
	within := func(word string) bool { return strings.Contains(base, word) }
	switch {
	case base == "resnet18" || base == "resnet50":
		a.Backbone = base
	case strings.HasPrefix(base, "convnext_"):
		a.Family = convnext
	case strings.HasPrefix(base, "vit_") && !slices.ContainsFunc(timmOthers, within):
		a.Family = vit
	}
	if a.Family != vit {
		return a
	}
	for _, f := range timmFamilies {
		if within(f.word) {
			a.Family = f.family
			break
		}
	}
	for _, w := range wideHeads {
		if strings.HasPrefix(base, w.word) {
			a.Heads = w.heads
		}
	}
	if a.Family == clip {
		a.Activation = "gelu"
		if within("quickgelu") {
			a.Activation = "quick_gelu"
		}
	}
	return a
}

// natively tells whether timm notes that the weights were trained with QuickGELU.
func natively(cfg *object) bool {
	notes, _ := cfg.values["notes"].([]any)
	return strings.HasPrefix(cfg.text("tag"), "openai") || slices.ContainsFunc(notes, func(v any) bool {
		text, _ := v.(string)
		return strings.Contains(text, "QuickGELU")
	})
}

// timmInput is the preparation of timm's evaluation (timm.data.create_transform): the shorter side becomes size/crop_pct, and the
// middle is taken.
func (o *object) timmInput() *Input {
	in := &Input{Range: 1, ResizeMode: "shorter", Size: 224}
	if size := o.numbers("input_size", 3, 1, maxSide); size != nil {
		in.Size = int(size[1])
		if size[0] != 3 || size[1] != size[2] {
			o.wrong("input_size", "[3, N, N]")
		}
	}
	part := o.number("crop_pct", 0.875)
	if !(part > 0.1 && part <= 1) {
		o.wrong("crop_pct", "a number of 0.1 to 1")
		part = 1
	}
	in.Resize = int(math.Floor(float64(in.Size) / part))
	switch o.text("crop_mode") {
	case "", "center":
	case "squash":
		in.ResizeMode = "squash"
	default:
		o.wrong("crop_mode", "center or squash")
	}
	in.Interpolation = o.interpolation("bicubic")
	in.Mean, in.Std = o.levels("mean", "std", imageNetMean, imageNetStd)
	return in
}

// interpolation is the filter by its name.
func (o *object) interpolation(absent string) string {
	switch name := o.text("interpolation"); name {
	case "":
		return absent
	case "bilinear", "bicubic", "lanczos":
		return name
	}
	o.wrong("interpolation", "bilinear, bicubic or lanczos")
	return absent
}

// levels are the mean and deviation of pixels in 0..1.
func (o *object) levels(mean, std string, usualMean, usualStd []float64) (m, s []float64) {
	m, s = o.numbers(mean, 3, 0, 1), o.numbers(std, 3, 1e-4, 1)
	if m == nil {
		m = usualMean
	}
	if s == nil {
		s = usualStd
	}
	return m, s
}
