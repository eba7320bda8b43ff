package method

import (
	"udml-gpu/engine/setting/table"
	"udml-gpu/models/head"
	"udml-gpu/models/layer"
)

// exemplar is Exemplar-CNN (Dosovitskiy, Springenberg, Riedmiller and Brox, "Discriminative Unsupervised Feature Learning with
// Convolutional Neural Networks", NIPS 2014): every image is a surrogate class, and a linear layer learns to tell the classes of strongly
// transformed images.
type exemplar struct {
	temperature float64
}

func newExemplar() Method { return &exemplar{} }

// Settings are the temperature: the paper classifies features of any length, embeddings have length 1.
func (m *exemplar) Settings() []table.Row {
	return []table.Row{
		table.Float("exemplar-temperature", &m.temperature, 0.1, "temperature of the softmax over the surrogate classes").
			Within(1e-4, 1e4).Unpreset(),
	}
}

// Views are two strong ones.
func (*exemplar) Views() []View { return []View{{Strong: true}, {Strong: true}} }

// TakesSmallViews is SmallViewer.TakesSmallViews.
func (*exemplar) TakesSmallViews() {}

// Loss records the cross entropy of each row's surrogate class.
func (m *exemplar) Loss(s *layer.Scope, in Inputs) Outputs {
	f := head.Embedding(s, in.Pooled(s), in.Dim)
	scores := layer.Dense(s.In("head"), "surrogate", f, layer.DenseSpec{Out: in.Total, NoBias: true})
	return Outputs{Embedding: f, Loss: layer.CrossEntropy(s, scores, in.Samples, nil, 1/m.temperature)}
}
