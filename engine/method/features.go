package method

import (
	"udml-gpu/models/layer"
	"udml-gpu/models/tape"
)

// Features are what the backbone makes of the views of one size of a batch.
type Features struct {
	Pooled *tape.Var   // [V B,Width]
	maps   []*tape.Var // of the parts, [V b,h,w,C]
	views  int
}

// Map is the map of each view [V B,h,w,C].
func (f Features) Map(s *layer.Scope) *tape.Var {
	if len(f.maps) == 1 {
		return f.maps[0]
	}
	return layer.JoinImages(s, f.views, f.maps...)
}

// Features records the backbone on images [V B,S,S,channels], which are Images or one of Others. With Parts above 1 the images of the
// batch go through it in so many parts, as even as can be, each with all views of its images, and once more for the gradients, so that
// only one part's activations are held at a time: the gradient cache of Gao, Zhang, Han and Callan, "Scaling Deep Contrastive Learning
// Batch Size under Memory Limited Setup", 2021. The rest of the method sees the features of the whole batch. Only a batch norm of the
// backbone gives other numbers, since its statistics are those of a part.
func (in Inputs) Features(s *layer.Scope, images *tape.Var) Features {
	if in.Parts <= 1 {
		fmap, pooled := in.Backbone.Features(s, images)
		return Features{Pooled: pooled, maps: []*tape.Var{fmap}}
	}
	batch := in.Labels.Dim(0)
	parts, f := min(in.Parts, batch), Features{views: images.Dim(0) / batch}
	var pooled []*tape.Var
	for i := range parts {
		s.Tape.Again(func() {
			first, last := i*batch/parts, (i+1)*batch/parts
			part := layer.TakeImages(s, images, batch, first, last)
			s.ShowsPart(part, images, batch, first, last)
			fmap, p := in.Backbone.Features(s, part)
			f.maps, pooled = append(f.maps, fmap), append(pooled, p)
		})
	}
	f.Pooled = layer.JoinImages(s, f.views, pooled...)
	return f
}
