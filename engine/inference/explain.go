package inference

import (
	"errors"
	"fmt"

	"udml-gpu/engine/data/baddata"
	"udml-gpu/engine/network"
)

// Explain turns a NotFinite into an error that says whether the weights or the training is at fault. Other errors it returns as they
// are.
func (q *Request) Explain(err error) error {
	var bad *network.NotFinite
	switch {
	case !errors.As(err, &bad):
		return err
	case q.Run == "":
		return baddata.Errorf("%v: %s", bad, q.Config.BlameWeights())
	}
	return fmt.Errorf("%w: %v; the run %s is of no use", network.ErrDiverged, bad, q.Run)
}
