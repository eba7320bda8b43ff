package shardtest

import (
	"udml-gpu/kernels"
	"udml-gpu/kernels/join"
	"udml-gpu/models/shard"
)

// adder is a shard.Adder that begins with the last rank.
type adder struct{ shard.Carrier }

// Adder adds up numbers of the ranks of Run as no tree over shards does: from the last rank to the first.
func Adder(c shard.Carrier) shard.Adder { return adder{c} }

// Add is that of shard.Adder.
func (a adder) Add(op string, t kernels.DType, b []byte) error {
	to, from := make([][]byte, a.Size()), make([][]byte, a.Size())
	for r := range to {
		if r != a.Rank() {
			to[r], from[r] = b, make([]byte, len(b))
		}
	}
	if err := a.Exchange(op, to, from); err != nil {
		return err
	}
	from[a.Rank()] = append([]byte(nil), b...)
	wrap := func(b []byte) *kernels.Array { return kernels.WrapBytes(kernels.CPU(), t, b, len(b)/t.Size()) }
	sum := wrap(b)
	sum.CopyFrom(wrap(from[a.Size()-1]))
	for r := a.Size() - 2; r >= 0; r-- {
		join.AddTo(sum, wrap(from[r]))
	}
	return nil
}
