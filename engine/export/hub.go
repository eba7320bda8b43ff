package export

import (
	"math"

	"udml-gpu/engine/inference"
)

// hub is a folder for timm, transformers and sentence-transformers that is being written.
type hub struct {
	*folder
	model  *timmModel
	layers []dense
}

// writeHub writes a folder that three libraries load. The rows of Normalize and Dense alternate behind the network, as its layers do.
func writeHub(j *job) error {
	n := j.e.Network()
	m, err := timmOf(n)
	if err != nil {
		return err
	}
	layers, err := m.layers(n, j.q.Layer)
	if err != nil {
		return err
	}
	err = j.inFolder(func(f *folder) error {
		h := &hub{folder: f, model: m, layers: layers}
		for _, write := range []func() error{h.network, h.sentence, h.onnx, h.describe} {
			if err := write(); err != nil {
				return err
			}
		}
		return nil
	})
	if c := j.q.Config; err == nil && !cropsAlike(c.ResizeMode, c.Resize-c.Size) {
		j.q.UI.Log.Warn().Msgf("in some images these libraries take a middle that is a pixel off the one of --resize-mode %s with "+
			"--resize %d and --size %d, so that their vectors are slightly other ones", c.ResizeMode, c.Resize, c.Size)
	}
	return err
}

// cropsAlike tells whether timm finds the middle of every image where it is here, for sizes that differ by so many pixels. timm rounds the
// corner of the crop of --size, to the even number of two; here the corner of the square of --resize is rounded, and the crop is in the
// middle of that square.
func cropsAlike(mode string, differ int) bool {
	return mode == "squash" || mode == "shorter" && differ%4 == 0
}

// network writes what timm and transformers read.
func (h *hub) network() error {
	n := h.e.Network()
	tensors, err := h.model.tensors(n)
	if err != nil {
		return err
	}
	w, err := h.e.Weights()
	if err != nil {
		return err
	}
	if err := h.weights("model.safetensors", w.Metadata, tensors); err != nil {
		return err
	}
	config := map[string]any{
		"architecture": h.model.architecture, "num_classes": 0, "num_features": h.model.features,
		"global_pool": h.model.args["global_pool"], "model_args": h.model.args, "pretrained_cfg": h.pretrained(), "torch_dtype": "float32",
	}
	if err := h.json("config.json", config); err != nil {
		return err
	}
	return h.json("preprocessor_config.json", processor(h.e.Preprocess()))
}

// pretrained is timm's preparation of images.
func (h *hub) pretrained() map[string]any {
	p := h.e.Preprocess()
	mode, part := "center", 1.0
	if p.ResizeMode == "squash" {
		mode = "squash"
	}
	if p.Resize != p.Size { // timm computes floor(size / part)
		part = math.Round(float64(p.Size)/(float64(p.Resize)+0.25)*1e7) / 1e7
	}
	cfg := map[string]any{
		"input_size": []int{3, p.Size, p.Size}, "fixed_input_size": h.model.spec.Family != "", "interpolation": p.Resample,
		"crop_pct": part, "crop_mode": mode, "mean": p.Mean, "std": p.Std, "num_classes": 0,
	}
	if licence := h.e.Licence(); licence != "" {
		cfg["license"] = licenceWord(licence)
	}
	return cfg
}

// resamples are Pillow's numbers of filters.
var resamples = map[string]int{"lanczos": 1, "bilinear": 2, "bicubic": 3}

// processor is the same preparation in the words of transformers' other image processors, which programs with ONNX read.
func processor(p inference.Preprocess) map[string]any {
	size := map[string]int{"height": p.Resize, "width": p.Resize}
	if p.ResizeMode != "squash" {
		size = map[string]int{"shortest_edge": p.Resize}
	}
	return map[string]any{
		"image_processor_type": "TimmWrapperImageProcessor", "do_resize": true, "size": size, "resample": resamples[p.Resample],
		"do_center_crop": p.Resize != p.Size || p.ResizeMode != "squash", "crop_size": map[string]int{"height": p.Size, "width": p.Size},
		"do_rescale": true, "rescale_factor": 1.0 / 255, "do_normalize": true, "image_mean": p.Mean, "image_std": p.Std,
	}
}

// sentence writes what sentence-transformers reads: its modules, one behind the other.
func (h *hub) sentence() error {
	type module struct {
		Index int    `json:"idx"`
		Name  string `json:"name"`
		Path  string `json:"path"`
		Type  string `json:"type"`
	}
	const kinds = "sentence_transformers.models."
	modules := []module{{0, "0", "", kinds + "Transformer"}}
	add := func(kind string) string {
		i := len(modules)
		path := folderOf(i, kind)
		modules = append(modules, module{i, path, path, kinds + kind})
		return path
	}
	for _, d := range h.layers {
		path := add("Dense")
		if err := h.json(path+"/config.json", d.config()); err != nil {
			return err
		}
		if err := h.weights(path+"/model.safetensors", map[string]string{"format": "pt"}, d.tensors()); err != nil {
			return err
		}
		if h.q.Layer == "pooled" {
			continue
		}
		if err := h.json(add("Normalize")+"/config.json", map[string]any{}); err != nil {
			return err
		}
	}
	if err := h.json("modules.json", modules); err != nil {
		return err
	}
	return h.json("sentence_bert_config.json", map[string]any{
		"transformer_task": "feature-extraction", "module_output_name": "sentence_embedding",
		"modality_config": map[string]any{"image": map[string]string{"method": "forward", "method_output_name": "pooler_output"}},
	})
}

// describe writes the model card.
func (h *hub) describe() error { return h.card(h.model.architecture) }

// onnx writes the network with its layers as one graph.
func (h *hub) onnx() error {
	m, err := h.modelONNX(false)
	if err != nil {
		return err
	}
	return h.file("onnx/model.onnx", m.Write)
}
