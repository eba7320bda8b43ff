package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// block is a run of instructions [from,to) of a function that is entered at its first and left at its last one.
type block struct {
	from, to int
	next     []int // blocks that may follow
}

// exits says of an opcode that ends a thread or a subroutine, where it is not guarded.
var exits = map[string]bool{"EXIT": true, "RET": true, "KILL": true}

// passes are the opcodes of control flow after which the next instruction follows: BSYNC stands before the place where the threads of its
// BSSY meet. BREV, which reverses bits, is none but has the letters of one.
var passes = map[string]bool{"BSSY": true, "BSYNC": true, "BREAK": true, "BMOV": true, "BPT": true, "BREV": true}

// target is the index of the instruction that i may jump to, or -1. conditional says whether it may also go on behind i. CALL.REL is a jump
// that keeps no return address: a subroutine is given its own in registers and ends in RET, and for sm_80 loops are left by it.
func target(i instruction) (to int, conditional bool, err error) {
	switch base := i.base(); {
	case base == "BRA" || strings.HasPrefix(i.op, "CALL.REL") || strings.HasPrefix(i.op, "WARPSYNC.COLLECTIVE"):
		last := i.rest[strings.LastIndex(i.rest, " ")+1:]
		at, err := strconv.ParseInt(strings.TrimPrefix(last, "0x"), 16, 32)
		if err != nil || !strings.HasPrefix(last, "0x") || at%step != 0 {
			return -1, false, fmt.Errorf("%s %s at %#x jumps to no address", i.op, i.rest, i.at)
		}
		conditional = i.guard != "" && i.guard != "PT" || last != i.rest || base != "BRA"
		return int(at) / step, conditional, nil
	case passes[base] || exits[base]:
		return -1, false, nil
	case strings.HasPrefix(base, "BR") || strings.HasPrefix(base, "JM") || strings.HasPrefix(base, "CALL"):
		return -1, false, fmt.Errorf("%s at %#x is control flow that this tool cannot follow", i.op, i.at)
	}
	return -1, false, nil
}

// blocks cuts a function into blocks.
func blocks(f function) ([]block, error) {
	starts := map[int]bool{0: true}
	for n, i := range f.code {
		to, _, err := target(i)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", f.name, err)
		}
		if to >= len(f.code) {
			return nil, fmt.Errorf("%s: %s at %#x jumps out of the kernel", f.name, i.op, i.at)
		}
		if to >= 0 {
			starts[to] = true
		}
		if to >= 0 || exits[i.base()] {
			starts[n+1] = true
		}
	}
	var all []block
	index := map[int]int{} // of the block that starts there
	for n := range f.code {
		if starts[n] {
			index[n] = len(all)
			all = append(all, block{from: n})
		}
		all[len(all)-1].to = n + 1
	}
	for b := range all {
		all[b].next = follow(f.code[all[b].to-1], all[b].to, index)
	}
	return all, nil
}

// follow is the blocks that may follow instruction last, behind which the instruction of that index stands.
func follow(last instruction, behind int, index map[int]int) []int {
	var next []int
	to, conditional, _ := target(last)
	if to >= 0 {
		next = append(next, index[to])
	}
	passing := to < 0 || conditional
	if exits[last.base()] {
		passing = last.guard != "" && last.guard != "PT" || last.rest != "" && strings.Contains(last.rest, "P")
	}
	if b, ok := index[behind]; passing && ok && !slices.Contains(next, b) {
		next = append(next, b)
	}
	return next
}

// loop is a natural loop: its header and all blocks from which the header is reached again without leaving it.
type loop struct {
	header int
	blocks map[int]bool
	back   map[int]bool // the blocks whose last instruction leads back
}

// loops finds the loops of what is reached from the first block, outer ones before inner ones. A cycle that is entered at two places is an
// error: which of its instructions are the loop could not be said.
func loops(all []block) ([]loop, error) {
	order, retreats := postOrder(all)
	above := dominators(all, order)
	found := map[int]*loop{}
	before := predecessors(all, order)
	for _, edge := range retreats {
		tail, head := edge[0], edge[1]
		if !dominates(above, head, tail) {
			return nil, fmt.Errorf("a cycle through instruction %#x is entered at two places", all[head].from*step)
		}
		l := found[head]
		if l == nil {
			l = &loop{header: head, blocks: map[int]bool{head: true}, back: map[int]bool{}}
			found[head] = l
		}
		l.back[tail] = true
		l.grow(tail, before)
	}
	var list []loop
	for _, l := range found {
		list = append(list, *l)
	}
	slices.SortFunc(list, func(a, b loop) int {
		if len(a.blocks) != len(b.blocks) {
			return len(b.blocks) - len(a.blocks)
		}
		return a.header - b.header
	})
	return list, nil
}

// grow adds b and what leads to it.
func (l *loop) grow(b int, before map[int][]int) {
	waiting := []int{b}
	for len(waiting) > 0 {
		b := waiting[len(waiting)-1]
		waiting = waiting[:len(waiting)-1]
		if l.blocks[b] {
			continue
		}
		l.blocks[b] = true
		waiting = append(waiting, before[b]...)
	}
}

// postOrder is the blocks that are reached, each behind those it leads to, and the edges that lead back to a block on the way to them.
func postOrder(all []block) (order []int, retreats [][2]int) {
	const fresh, onTheWay, done = 0, 1, 2
	state := make([]int, len(all))
	type place struct{ block, taken int }
	way := []place{{}}
	state[0] = onTheWay
	for len(way) > 0 {
		at := &way[len(way)-1]
		if at.taken == len(all[at.block].next) {
			state[at.block] = done
			order = append(order, at.block)
			way = way[:len(way)-1]
			continue
		}
		from, to := at.block, all[at.block].next[at.taken]
		at.taken++
		switch state[to] {
		case fresh:
			state[to] = onTheWay
			way = append(way, place{block: to})
		case onTheWay:
			retreats = append(retreats, [2]int{from, to})
		}
	}
	return order, retreats
}

func predecessors(all []block, order []int) map[int][]int {
	before := map[int][]int{}
	for _, b := range order {
		for _, n := range all[b].next {
			before[n] = append(before[n], b)
		}
	}
	return before
}

// dominators is, for each reached block, the nearest other block through which every way to it leads (Cooper, Harvey, Kennedy 2001).
func dominators(all []block, order []int) map[int]int {
	rank := map[int]int{}
	for r, b := range order {
		rank[b] = r
	}
	before := predecessors(all, order)
	above := map[int]int{0: 0}
	for changed := true; changed; {
		changed = false
		for r := len(order) - 2; r >= 0; r-- {
			b, best := order[r], -1
			for _, p := range before[b] {
				if _, known := above[p]; !known {
					continue
				}
				if best < 0 {
					best = p
				}
				for p != best {
					if rank[p] < rank[best] {
						p = above[p]
					} else {
						best = above[best]
					}
				}
			}
			if old, known := above[b]; !known || old != best {
				above[b], changed = best, true
			}
		}
	}
	return above
}

func dominates(above map[int]int, a, b int) bool {
	for b != a && b != 0 {
		b = above[b]
	}
	return a == b
}
