package inference

import (
	"errors"
	"fmt"

	"udml-gpu/engine/data"
	"udml-gpu/engine/network"
)

// Blame is err, which for a NotFinite says whether the weights or the training is at fault.
func (q *Request) Blame(err error) error {
	var bad *network.NotFinite
	switch {
	case !errors.As(err, &bad):
		return err
	case q.Run == "":
		return data.Errorf("%v: %s", bad, q.Config.BlameWeights())
	}
	return fmt.Errorf("%w: %v; the run %s is of no use", network.ErrDiverged, bad, q.Run)
}
