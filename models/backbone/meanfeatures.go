package backbone

import (
	"udml-gpu/models/layer"
	"udml-gpu/models/tape"
)

// View is one of those of an image that its features are the mean of: of so many pixels a side, left and right exchanged or not.
type View struct {
	Size     int
	Mirrored bool
}

// MeanFeatures is the mean of what Features pools views of images [N,S,S,C] to, [N,Width]. It is for evaluation mode. Views of other sizes
// than S are the images resized by layer.Bilinear, as in the evaluation at several scales of Radenovic et al., "Fine-tuning CNN Image
// Retrieval with No Human Annotation", PAMI 2018.
func (n Network) MeanFeatures(s *layer.Scope, images *tape.Var, views ...View) *tape.Var {
	in, shown := s.Of(tape.Backbone), n.normalised(s, images)
	list := make([]*tape.Var, len(views))
	for i, v := range views {
		x := shown
		if v.Size != images.Dim(1) {
			x = layer.Bilinear(s, x, v.Size, v.Size)
		}
		if v.Mirrored {
			x = layer.Mirrored(s, x)
		}
		list[i] = n.pool(in, n.Forward(in, layer.Stored(in, x)))
	}
	return layer.MeanOf(s, list)
}
