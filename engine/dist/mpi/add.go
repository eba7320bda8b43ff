package mpi

import (
	"udml-gpu/cgo/mpi"
	"udml-gpu/kernels"
)

// sumSlot is the memory of numbers that are added up: those of this rank, and the sums.
type sumSlot struct{ in, out slot }

// addition is the numbers of an Add. Two pieces are on their way at a time.
type addition struct {
	bytes       []byte
	wide        bool // float64
	begun, done int
	slots       *[2]sumSlot
}

func (a *addition) finished() bool { return a.done == len(a.bytes) }

// with is any rank: MPI does not say which one is missing.
func (a *addition) with() int { return -1 }

// step finishes and begins pieces. All ranks begin them in one order, whenever they end.
func (a *addition) step(w wire) (moved bool, err error) {
	for i := range a.slots {
		s := &a.slots[i]
		if s.in.busy {
			done, _, err := w.Test(&s.in.request)
			if err != nil || !done {
				return moved, err
			}
			copy(a.bytes[s.in.at:], s.out.memory[:s.in.n])
			s.in.busy = false
			a.done += s.in.n
			moved = true
		}
		if a.begun < len(a.bytes) {
			if err := a.begin(w, s); err != nil {
				return moved, err
			}
			moved = true
		}
	}
	return moved, nil
}

func (a *addition) begin(w wire, s *sumSlot) (err error) {
	s.in.at, s.in.n = a.begun, min(piece, len(a.bytes)-a.begun)
	s.in.reserve(s.in.n)
	s.out.reserve(s.in.n)
	copy(s.in.memory, a.bytes[s.in.at:s.in.at+s.in.n])
	s.in.request, err = w.Add(s.in.memory[:s.in.n], s.out.memory[:s.in.n], a.wide)
	s.in.busy = err == nil
	a.begun += s.in.n
	return err
}

var _ wire = (*mpi.Library)(nil)

// Add is that of shard.Adder, by MPI's all-reduce in the form that does not wait (MPI_Iallreduce): so a rank that does not answer, or has
// left, is noticed as in Exchange. MPI requires that all ranks receive the same sums.
func (c *Carrier) Add(op string, t kernels.DType, b []byte) error {
	if c.err == nil {
		c.err = onThread(c.owner, func() error {
			return c.carry(op, []transfer{&addition{bytes: b, wide: t == kernels.Float64, slots: &c.sums}})
		})
	}
	return c.err
}

// Library is the name and the version of the MPI library.
func (c *Carrier) Library() string { return c.library }
