package head

import (
	"udml-gpu/models/layer"
	"udml-gpu/models/tape"
)

// Clustering is the head that scores K clusters for each embedding: batch norm, dropout, linear.
type Clustering struct {
	K         int
	Dropout   float64
	LogitNorm bool // the published code's L2 normalisation of the logits
}

// Logits is [N,K] of embeddings f [N,D]; mask [N,D] is the dropout mask, used while training alone.
func (c Clustering) Logits(s *layer.Scope, f, mask *tape.Var) *tape.Var {
	in := s.In("head")
	h := layer.BatchNorm(in, "bn", f, layer.Norm{})
	if s.Tape.Training() && c.Dropout > 0 {
		h = layer.Dropout(in, h, mask, c.Dropout)
	}
	logits := layer.Linear(in, "fc", h, c.K)
	if c.LogitNorm {
		logits = layer.L2Normalize(in, logits)
	}
	return logits
}
