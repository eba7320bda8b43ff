package collectives

import (
	"udml-gpu/kernels"
	"udml-gpu/models/shard"
)

// MeasureGroup times what a step of training calls: Gather and Sum of arrays of sizes bytes, a multiple of 4, and Agree. All ranks call it
// with the same sizes.
func MeasureGroup(c shard.Carrier, sizes []int) ([]Row, error) {
	g := shard.New(c.Size(), c)
	rows := make([]Row, 0, 1+2*len(sizes))
	add := func(pattern Pattern, size, moved int, do func()) error {
		median, err := timed(size, func() error {
			do()
			return g.Err()
		})
		rows = append(rows, Row{pattern, size, median, float64(moved) / median})
		return err
	}
	others := c.Size() - 1
	if err := add(Agree, smallest, others*smallest, func() { g.Agree("measure agree", 1) }); err != nil {
		return nil, err
	}
	for _, pattern := range []Pattern{Gather, Sum} {
		for _, size := range sizes {
			if err := addArrays(c, g, pattern, size, add); err != nil {
				return nil, err
			}
		}
	}
	return rows, nil
}

// addArrays times one pattern of one size.
func addArrays(c shard.Carrier, g *shard.Group, pattern Pattern, size int, add func(Pattern, int, int, func()) error) error {
	all, live := make([]*kernels.Array, c.Size()), make([]bool, c.Size())
	for s := range all {
		live[s] = true
		if pattern == Gather || s == c.Rank() {
			all[s] = kernels.CPU().New(kernels.Float32, size/floatBytes)
			all[s].Zero()
			defer all[s].Free()
		}
	}
	if pattern == Gather {
		return add(Gather, size, (c.Size()-1)*size, func() { g.Gather("measure gather", all) })
	}
	own := all[c.Rank() : c.Rank()+1]
	return add(Sum, size, size, func() { g.Sum("measure sum", own[0], own, live) })
}

const floatBytes = 4
