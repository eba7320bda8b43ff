package main

import "math"

// straight is the fewest instructions of a turn of the loop: those of the shortest way from its header back to it, which passes loops
// inside it once.
func (l loop) straight(f function, all []block) int {
	to := map[int]int{l.header: turns(f, all[l.header])} // the end of each block
	for changed := true; changed; {
		changed = false
		for b, so := range to {
			for _, next := range all[b].next {
				if !l.blocks[next] || next == l.header {
					continue
				}
				far := so + turns(f, all[next])
				if known, is := to[next]; !is || far < known {
					to[next], changed = far, true
				}
			}
		}
	}
	least := math.MaxInt
	for b := range l.back {
		least = min(least, to[b])
	}
	return least
}

// turns is how many instructions of a block take a turn.
func turns(f function, b block) int {
	n := 0
	for _, i := range f.code[b.from:b.to] {
		if counted(i) {
			n++
		}
	}
	return n
}
