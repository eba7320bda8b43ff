package method

import "udml-gpu/engine/setting/table"

// instance is instance discrimination (Ye, Zhang, Yuen and Chang, "Unsupervised Embedding Learning via Invariant and Spreading Instance
// Feature", CVPR 2019), the baseline that the tables of the CBSwR paper call SME: every image is a class of its own, represented by its
// rows in the batch, and nothing is clustered.
type instance struct {
	discrimination
	pairs
}

func newInstance() Method { return &instance{} }

// Settings are those of the loss and of the pairs. The authors pair an image with itself; for CUB, with probability one half, with its
// nearest neighbour.
func (m *instance) Settings() []table.Row {
	return append(m.discrimination.settings(), m.pairs.setting())
}

// TakesSmallViews is SmallViewer.TakesSmallViews.
func (*instance) TakesSmallViews() {}
