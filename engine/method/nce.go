package method

import (
	"udml-gpu/engine/setting/table"
	"udml-gpu/models/head"
	"udml-gpu/models/layer"
)

// nce is instance discrimination with a memory bank (Wu, Xiong, Yu and Lin, "Unsupervised Feature Learning via Non-Parametric Instance
// Discrimination", CVPR 2018), the baseline that tables call NCE: every image is a class of its own, represented by a slow mean of its
// embeddings. The softmax over all images, which noise-contrastive estimation approximates in the paper, is computed whole.
type nce struct {
	temperature, keep float64
}

func newNCE() Method { return &nce{} }

// Settings have the values of the authors' program as defaults.
func (m *nce) Settings() []table.Row {
	return []table.Row{
		table.Float("nce-temperature", &m.temperature, 0.07, "temperature of the softmax over the memory bank").
			Within(1e-4, 1e4).Unpreset(),
		table.Float("nce-keep", &m.keep, 0.5, "share of its value that a row of the memory bank keeps when its image is seen").
			Within(0, 1).Unpreset(),
	}
}

// TakesSmallViews is SmallViewer.TakesSmallViews.
func (*nce) TakesSmallViews() {}

// Loss records the cross entropy of each row against the memories of all images, which the usual two views move.
func (m *nce) Loss(s *layer.Scope, in Inputs) Outputs {
	f := head.Embedding(s, in.Pooled(s), in.Dim)
	scores := layer.Memory(s, "memory", f, in.Samples, layer.MemorySpec{
		Images: in.Total, Batch: in.Batch(), Views: len(usualViews), Keep: m.keep,
	})
	return Outputs{Embedding: f, Loss: layer.CrossEntropy(s, scores, in.Samples, nil, 1/m.temperature)}
}
