package network

import (
	"fmt"

	"udml-gpu/engine/data/cache"
	"udml-gpu/engine/machine"
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

// WantFinite is a *NotFinite where any of the features, each [N,D] float32, of the N images of c are not finite. It waits for
// the device.
func (n *Network) WantFinite(c *cache.Cache, features ...*kernels.Array) error {
	flag := n.Device.New(kernels.Int32, 1)
	defer flag.Free()
	update.Finite(flag, features...)
	bad := kernels.Read[int32](flag)[0] != 0
	if err := machine.Fault(n.Device); err != nil || !bad {
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
