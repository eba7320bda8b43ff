package main

import "math"

// place is the end of a block on a way through a loop that has passed so many reductions of a warp.
type place struct{ block, reduced int }

// straight is the fewest instructions of a turn of the loop: those of the shortest way from its header back to it, which passes loops
// inside it once. The way is one of those that pass the most reductions of a warp (REDUX): a search asks by one whether a tile has a score
// that matters, and the shortest way of all would be one that does not ask, because all matter, and then takes none.
func (l loop) straight(f function, all []block) int {
	most := 0
	for b := range l.blocks {
		most += reductions(f, all[b])
	}
	to := map[place]int{{l.header, reductions(f, all[l.header])}: turns(f, all[l.header])}
	for changed := true; changed; {
		changed = false
		for at, so := range to {
			for _, next := range all[at.block].next {
				if !l.blocks[next] || next == l.header {
					continue
				}
				far, there := so+turns(f, all[next]), place{next, min(most, at.reduced+reductions(f, all[next]))}
				if known, is := to[there]; !is || far < known {
					to[there], changed = far, true
				}
			}
		}
	}
	reduced, least := -1, math.MaxInt
	for at, so := range to {
		if l.back[at.block] && (at.reduced > reduced || at.reduced == reduced && so < least) {
			reduced, least = at.reduced, so
		}
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

// reductions is how many reductions of a warp a block has.
func reductions(f function, b block) int {
	n := 0
	for _, i := range f.code[b.from:b.to] {
		if i.base() == "REDUX" {
			n++
		}
	}
	return n
}
