package hub

import (
	"fmt"
	"strings"
)

// openCLIP reads open_clip_config.json.
func (o *object) openCLIP(folder) (*Model, error) {
	model, cfg := o.objectOr("model_cfg"), o.objectOr("preprocess_cfg")
	v := model.object("vision_cfg")
	if o.err() == nil && v == nil {
		return nil, fmt.Errorf("%s has no model_cfg.vision_cfg: it is not the configuration of open_clip", o.file)
	}
	if o.err() != nil {
		return nil, o.err()
	}
	m := &Model{Reads: openCLIPConfig}
	if trunk := v.text("timm_model_name"); trunk != "" {
		m.Architecture = timmArchitecture(trunk)
		m.Reads += ": timm_model_name " + trunk
	} else {
		m.Architecture = v.visionTower(model)
		m.Reads += ": vision_cfg"
	}
	m.Source = OpenCLIP
	if m.Family != clip && m.Family != siglip {
		return nil, fmt.Errorf("%s: the vision tower %.80q is not supported: supported are CLIP's ViT and SigLIP's", o.file,
			v.text("timm_model_name"))
	}
	side := v.square("image_size", 224)
	cfg = cfg.apart()
	m.Input, m.inputFault = cfg.openCLIPInput(side), cfg.inputErr()
	m.Input.From = openCLIPConfig
	return m, nil
}

// visionTower is open_clip's own ViT (open_clip/model.py, CLIPVisionCfg), whose defaults these are.
func (o *object) visionTower(model *object) Architecture {
	a := Architecture{
		Family: clip, Dim: o.whole("width", 768), Depth: o.whole("layers", 12), Patch: o.square("patch_size", 16), Activation: "gelu",
	}
	if model.is("quick_gelu", false) {
		a.Activation = "quick_gelu"
	}
	if perHead := o.whole("head_width", 64); perHead > 0 {
		a.Heads = a.Dim / perHead
	}
	for key, usual := range map[string]string{"pool_type": "tok", "pos_embed_type": "learnable"} {
		if s := o.text(key); s != "" && s != usual {
			o.wrong(key, usual)
		}
	}
	for _, key := range []string{"attentional_pool", "no_ln_pre", "final_ln_after_pool"} {
		if o.has(key) && o.values[key] != false {
			o.wrong(key, "false")
		}
	}
	return a
}

// openCLIPInput is the preparation of open_clip's evaluation (open_clip/transform.py, image_transform).
func (o *object) openCLIPInput(side int) *Input {
	in := &Input{Range: 1, ResizeMode: "shorter"}
	in.Size = o.square("size", side)
	if list, ok := o.values["size"].([]any); ok && len(list) == 3 {
		o.wrong("size", "a number or [N, N]")
	}
	if in.Size < 1 || in.Size > maxSide {
		o.wrong("size", fmt.Sprintf("1 to %d", maxSide))
	}
	in.Resize = in.Size
	switch mode := o.text("resize_mode"); strings.ToLower(mode) {
	case "", "shortest":
	case "squash":
		in.ResizeMode = "squash"
	default:
		o.wrong("resize_mode", "shortest or squash")
	}
	in.Interpolation = o.interpolation("bicubic")
	in.Mean, in.Std = o.levels("mean", "std", openAIMean, openAIStd)
	return in
}
