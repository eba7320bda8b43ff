package method

import (
	"udml-gpu/engine/setting/table"
	"udml-gpu/models/head"
	"udml-gpu/models/layer"
)

// triplet is the triplet loss with semi-hard negatives (Schroff, Kalenichenko and Philbin, "FaceNet: A Unified Embedding for Face
// Recognition and Clustering", CVPR 2015) on true labels: an upper bound for methods without labels.
type triplet struct {
	labelled
	margin float64
}

func newTriplet() Method { return &triplet{labelled: labelled{together: 2}} }

// Settings have the margin of the paper.
func (m *triplet) Settings() []table.Row {
	return []table.Row{
		table.Float("triplet-margin", &m.margin, 0.2, "margin of the triplet loss, between squared distances").Within(0, 4).Unpreset(),
	}
}

// Loss records loss.Triplet of the embedding of all rows: with two rows of a class together, four images of each class.
func (m *triplet) Loss(s *layer.Scope, in Inputs) Outputs {
	f := head.Embedding(s, in.Features(s, in.Images).Pooled, in.Dim)
	return Outputs{Embedding: f, Loss: layer.Triplet(s, layer.Similarities(s, f), in.Labels, m.margin)}
}
