package layer

import (
	"udml-gpu/kernels"
	"udml-gpu/kernels/cluster"
	"udml-gpu/models/tape"
)

// Clusters is a batch's assignment: the slot of each of the 2B rows, and how many rows each slot holds.
// Slots without members have count 0 and take no part in anything.
type Clusters struct {
	Slot  *tape.Var // int32 [2B]
	Count *tape.Var // int32 [S], S = min(K, B)
}

// PseudoLabels puts both views of an image into the cluster that its first view's logits [2B,K] favour.
func PseudoLabels(s *Scope, logits *tape.Var) Clusters {
	c := newClusters(s, logits.Dim(0)/2, logits.Dim(1))
	s.Tape.Apply(tape.Op{
		Name: "pseudo labels", In: []*tape.Var{logits}, Out: []*tape.Var{c.Slot, c.Count},
		Forward: func() { cluster.PseudoLabels(c.Slot.Value(), c.Count.Value(), logits.Value()) },
	})
	return c
}

// GivenLabels groups the batch by labels [B] that are known: the oracle.
func GivenLabels(s *Scope, labels *tape.Var) Clusters {
	c := newClusters(s, labels.Dim(0), labels.Dim(0))
	s.Tape.Apply(tape.Op{
		Name: "given labels", In: []*tape.Var{labels}, Out: []*tape.Var{c.Slot, c.Count},
		Forward: func() { cluster.SlotsOf(c.Slot.Value(), c.Count.Value(), labels.Value()) },
	})
	return c
}

func newClusters(s *Scope, images, k int) Clusters {
	t := s.Tape
	return Clusters{Slot: t.NewOf(kernels.Int32, 2*images), Count: t.NewOf(kernels.Int32, min(k, images))}
}

// Means is the mean over each slot's members of x [2B,...]: [S,...], zero for an empty slot.
func Means(s *Scope, x *tape.Var, c Clusters) *tape.Var {
	shape := append([]int{c.Count.Dim(0)}, x.Shape()[1:]...)
	r := s.Tape.New(shape...)
	s.Tape.Apply(tape.Op{
		Name: "cluster means", In: []*tape.Var{x, c.Slot, c.Count}, Out: []*tape.Var{r},
		Reads: []*tape.Var{c.Slot, c.Count}, Adds: []int{0},
		Forward: func() { cluster.Means(flat(r.Value()), flat(x.Value()), c.Slot.Value(), c.Count.Value()) },
		Backward: func(b *tape.Back) {
			cluster.MeansBackward(flat(b.Grad(0)), flat(r.Grad()), c.Slot.Value(), c.Count.Value(), b.Add(0))
		},
	})
	return r
}

// Weights are the member counts as numbers of the tape's dtype, to weight a batch norm over slots with.
func Weights(s *Scope, c Clusters) *tape.Var {
	w := s.Tape.New(c.Count.Dim(0))
	s.Tape.Apply(tape.Op{
		Name: "member counts", In: []*tape.Var{c.Count}, Out: []*tape.Var{w},
		Forward: func() { cluster.Counts(w.Value(), c.Count.Value()) },
	})
	return w
}

// flat is [N,...] as [N,P].
func flat(a *kernels.Array) *kernels.Array {
	n := a.Dim(0)
	if n == 0 {
		return a.Reshape(0, 0)
	}
	return a.Reshape(n, a.Len()/n)
}
