package method

import (
	"udml-gpu/engine/setting/table"
	"udml-gpu/models/head"
	"udml-gpu/models/layer"
)

// contrastive is the contrastive loss (Hadsell, Chopra and LeCun, "Dimensionality Reduction by Learning an Invariant Mapping", CVPR 2006)
// of all pairs of the batch, on true labels: an upper bound for methods without labels.
type contrastive struct {
	labelled
	margin float64
}

func newContrastive() Method { return &contrastive{labelled: labelled{together: 2}} }

// Settings are the margin: rows have length 1, so that distances go up to 2.
func (m *contrastive) Settings() []table.Row {
	return []table.Row{
		table.Float("contrastive-margin", &m.margin, 1, "distance beyond which images of two classes are not pushed further").
			Within(0, 2).Unpreset(),
	}
}

// Loss records loss.Contrastive of the embedding of all rows.
func (m *contrastive) Loss(s *layer.Scope, in Inputs) Outputs {
	f := head.Embedding(s, in.Features(s, in.Images).Pooled, in.Dim)
	return Outputs{Embedding: f, Loss: layer.Contrastive(s, layer.Similarities(s, f), in.Labels, m.margin)}
}
