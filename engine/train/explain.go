package train

import (
	"errors"
	"fmt"

	"udml-gpu/engine/data/baddata"
	"udml-gpu/engine/network"
)

// explain turns a NotFinite into a Divergence or, before any training, into an error about the weights that the run began with.
// Other errors it returns as they are.
func (t *Trainer) explain(err error) error {
	var bad *network.NotFinite
	switch {
	case !errors.As(err, &bad):
		return err
	case t.group.Err() != nil:
		return t.group.Err()
	case t.state.Step == 0:
		return baddata.Errorf("%v, before any training: %s", bad, t.Network.Config.BlameWeights())
	}
	return &Divergence{
		Reason: networkReason, Step: t.state.Step, Since: t.epochOf(t.state.Step), Try: t.remedy(),
		Seen: fmt.Sprintf("training diverged: after step %d %v", t.state.Step, bad),
	}
}
