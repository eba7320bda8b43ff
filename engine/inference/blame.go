package inference

import (
	"errors"
	"fmt"

	"udml-gpu/engine/data/baddata"
	"udml-gpu/engine/network"
)

// Blame is err, which for a NotFinite says whether the weights or the training is at fault.
func (q *Request) Blame(err error) error {
	var bad *network.NotFinite
	switch {
	case !errors.As(err, &bad):
		return err
	case q.Run == "":
		return baddata.Errorf("%v: %s", bad, q.Config.BlameWeights())
	}
	return fmt.Errorf("%w: %v; the run %s is of no use", network.ErrDiverged, bad, q.Run)
}
