package head

import (
	"udml-gpu/models/layer"
	"udml-gpu/models/tape"
)

// WhitenName is the name of the final whitening's parameters: "whiten.weight" [d,D] and "whiten.bias" [d].
const WhitenName = "whiten"

// Whiten is the linear layer that is fitted on the training images after the last epoch, and L2 normalisation.
func Whiten(s *layer.Scope, f *tape.Var, dim int) *tape.Var {
	return layer.L2Normalize(s, layer.Linear(s.Of(tape.Embedding), WhitenName, f, dim))
}
