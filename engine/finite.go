package engine

import (
	"errors"
	"fmt"

	"udml-gpu/engine/data"
	"udml-gpu/kernels"
	"udml-gpu/kernels/update"
)

// NotFinite is a network that gives some images numbers which are of no use.
type NotFinite struct {
	Bad, Of int    // images
	First   string // the first of them
}

// Error is what was seen, as the beginning of a sentence.
func (e *NotFinite) Error() string {
	return fmt.Sprintf("the network gives %d of %d images numbers that are not finite, the first %s", e.Bad, e.Of, e.First)
}

// wantFinite is a *NotFinite where any of the features, each [N,D] float32, of the N images of c are not finite. It waits for
// the device.
func (n *Network) wantFinite(c *data.Cache, features ...*kernels.Array) error {
	flag := n.Device.New(kernels.Int32, 1)
	defer flag.Free()
	update.Finite(flag, features...)
	bad := kernels.Read[int32](flag)[0] != 0
	if err := fault(n.Device); err != nil || !bad {
		return err
	}
	e := &NotFinite{Of: c.Len()}
	for i := range e.Of {
		if n.finiteRow(i, features) {
			continue
		}
		if e.Bad == 0 {
			e.First = c.Name(i)
		}
		e.Bad++
	}
	return e
}

// finiteRow looks at row i of all features.
func (n *Network) finiteRow(i int, features []*kernels.Array) bool {
	for _, f := range features {
		for _, v := range kernels.Read[float32](f.Rows(i, i+1)) {
			if v-v != 0 {
				return false
			}
		}
	}
	return true
}

// blame is err, which for a NotFinite says that the run has diverged: or, before any training, that its weights are bad.
func (t *Trainer) blame(err error) error {
	var bad *NotFinite
	switch {
	case !errors.As(err, &bad):
		return err
	case t.state.Step == 0:
		return data.Errorf("%v, before any training: %s", bad, t.network.Config.blameWeights())
	}
	return &Divergence{
		Reason: networkReason, Step: t.state.Step, Since: t.epochOf(t.state.Step), Try: t.remedy(),
		Seen: fmt.Sprintf("training diverged: after step %d %v", t.state.Step, bad),
	}
}

// blameWeights is what to do about a network that never was any good.
func (c *Config) blameWeights() string {
	return fmt.Sprintf("--pretrained %s does not go with images that are shown so; name another file, or see --pixel-range, --mean and --std",
		c.Pretrained)
}

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
