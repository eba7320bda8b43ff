package published

import (
	"slices"
	"strings"

	"udml-gpu/models/backbone"
	"udml-gpu/models/weights/file"
)

// place is a transformer's tensors behind one beginning of names, by the names that Spec.Rename gives them.
type place struct {
	beginning string
	names     []string // in the file's order
	tensors   map[string]*file.Tensor
}

// get is the tensor of that name, or nil.
func (p *place) get(name string) *file.Tensor { return p.tensors[name] }

// put adds a tensor or replaces one; nil takes it away.
func (p *place) put(name string, t *file.Tensor) {
	if _, ok := p.tensors[name]; !ok {
		p.names = append(p.names, name)
	}
	p.tensors[name] = t
}

// take is get, and takes the tensor away.
func (p *place) take(name string) *file.Tensor {
	t := p.tensors[name]
	if t != nil {
		p.tensors[name] = nil
	}
	return t
}

// anchors are the names of the patch embedding, by which a transformer is found.
var anchors = []string{
	"patch_embed.proj.weight", "embeddings.patch_embeddings.projection.weight", "embeddings.patch_embeddings.weight",
	"embeddings.patch_embedding.weight",
}

// openCLIP are the names that only together are those of OpenAI's transformer: ResNets have a conv1 too.
var openCLIP = []string{"conv1.weight", "class_embedding"}

// tower begins the names of transformers' CLIP and SigLIP, but not that of CLIP's projection.
const tower = "vision_model."

// places are the transformers in w. Each tensor belongs to the one with the longest beginning that fits; the others, and the text
// towers', are left out.
func places(w *file.Weights, spec backbone.Spec) []*place {
	var list []*place
	for _, b := range beginnings(w) {
		list = append(list, &place{beginning: b, tensors: map[string]*file.Tensor{}})
	}
	for _, t := range w.Tensors {
		var home *place
		for _, p := range list {
			if strings.HasPrefix(t.Name, p.beginning) && (home == nil || len(p.beginning) > len(home.beginning)) {
				home = p
			}
		}
		if home == nil {
			continue
		}
		name := strings.TrimPrefix(t.Name, home.beginning)
		if !ofText(name) {
			home.put(spec.Rename(strings.TrimPrefix(name, tower)), &t)
		}
	}
	return list
}

// beginnings are those behind which there is a patch embedding, in the file's order.
func beginnings(w *file.Weights) []string {
	var list []string
	names := make(map[string]bool, len(w.Tensors))
	for _, t := range w.Tensors {
		names[t.Name] = true
	}
	for _, t := range w.Tensors {
		for _, anchor := range append(slices.Clone(anchors), openCLIP[0]) {
			b, ok := strings.CutSuffix(t.Name, anchor)
			if !ok || b != "" && !strings.HasSuffix(b, ".") || anchor == openCLIP[0] && !names[b+openCLIP[1]] {
				continue
			}
			if b == tower || strings.HasSuffix(b, "."+tower) {
				b = strings.TrimSuffix(b, tower)
			}
			if !slices.Contains(list, b) {
				list = append(list, b)
			}
		}
	}
	return list
}

// ofText tells whether a tensor belongs to the text tower beside an image tower, or to their loss.
func ofText(name string) bool {
	return slices.ContainsFunc([]string{"text_model.", "text_projection", "text.", "logit_scale", "logit_bias"},
		func(b string) bool { return strings.HasPrefix(name, b) })
}
