package engine

import (
	"errors"
	"fmt"

	"udml-gpu/engine/data"
)

// blame is err, which for a NotFinite says whether the weights or the training is at fault.
func (q *Query) blame(err error) error {
	var bad *NotFinite
	switch {
	case !errors.As(err, &bad):
		return err
	case q.Run == "":
		return data.Errorf("%v: %s", bad, q.Config.blameWeights())
	}
	return fmt.Errorf("%w: %v; the run %s is of no use", ErrDiverged, bad, q.Run)
}
