// Package head holds the layers behind a backbone's map: the embedding layer and the clustering head.
package head

import (
	"udml-gpu/models/layer"
	"udml-gpu/models/tape"
)

// EmbeddingName is the name of the embedding layer's parameters: "embedding.weight" [D,C] and "embedding.bias" [D].
const EmbeddingName = "embedding"

// Embedding is F: a linear layer from pooled features [N,C] to D, then L2 normalisation.
func Embedding(s *layer.Scope, pooled *tape.Var, dim int) *tape.Var {
	return layer.L2Normalize(s, layer.Linear(s.Of(tape.Embedding), EmbeddingName, pooled, dim))
}
