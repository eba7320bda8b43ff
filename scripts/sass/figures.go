package main

import (
	"fmt"
	"slices"
)

// figures are what is held against the budget: what a kernel takes, and its tile loop, the outermost loop around its tensor-core
// instructions. Instructions are counted where they stand, each once, however often the loop inside runs them.
type figures struct {
	resources
	memory    int            // loads and stores of local memory, which spilled registers and arrays of a thread need
	tensor    map[string]int // tensor-core instructions in the kernel: HMMA, HGMMA, ...
	products  int            // those in the tile loop
	loop      int            // instructions of the tile loop
	straight  int            // those of its shortest turn
	step      int            // those of the innermost loop with most products
	branches  int            // conditional branches in the tile loop but those that close a loop
	divergent int            // places in the tile loop where the compiler lets threads of a warp part (BSSY)
}

// tensorOps are the tensor-core instructions by their opcode: of a warp, of a warpgroup (wgmma), of a block (tcgen05).
var tensorOps = map[string]bool{
	"HMMA": true, "IMMA": true, "DMMA": true, "BMMA": true, "QMMA": true, "OMMA": true,
	"HGMMA": true, "IGMMA": true, "QGMMA": true, "BGMMA": true,
	"UTCHMMA": true, "UTCIMMA": true, "UTCQMMA": true, "UTCOMMA": true,
}

var localOps = map[string]bool{"LDL": true, "STL": true}

// measure counts f.
func measure(f function, r resources) (figures, error) {
	m := figures{resources: r, tensor: map[string]int{}}
	for _, i := range f.code {
		if localOps[i.base()] {
			m.memory++
		}
		if tensorOps[i.base()] {
			m.tensor[i.base()]++
		}
	}
	if len(m.tensor) == 0 {
		return m, nil
	}
	all, err := blocks(f)
	if err != nil {
		return m, err
	}
	nested, err := loops(all)
	if err != nil {
		return m, fmt.Errorf("%s: %w", f.name, err)
	}
	m.countLoops(f, all, nested)
	return m, nil
}

// countLoops takes the tile loop, the first of the largest loops with most products, and the smallest loop with most products that has no
// other one with products inside.
func (m *figures) countLoops(f function, all []block, nested []loop) {
	most := 0
	for n, l := range nested {
		products := l.products(f, all)
		if products > m.products {
			m.products, m.loop = products, l.count(f, all, counted)
			m.straight = l.straight(f, all)
			m.branches = l.branches(f, all, nested)
			m.divergent = l.count(f, all, func(i instruction) bool { return i.base() == "BSSY" })
		}
		if products > most && l.innermost(f, all, nested[n+1:]) {
			most, m.step = products, l.count(f, all, counted)
		}
	}
}

// counted is whether an instruction takes a turn: NOP fills up.
func counted(i instruction) bool { return i.base() != "NOP" }

func (l loop) products(f function, all []block) int {
	return l.count(f, all, func(i instruction) bool { return tensorOps[i.base()] })
}

func (l loop) count(f function, all []block, which func(instruction) bool) int {
	n := 0
	for b := range l.blocks {
		for _, i := range f.code[all[b].from:all[b].to] {
			if which(i) {
				n++
			}
		}
	}
	return n
}

// branches counts l's conditional branches; one behind which a loop starts again closes it.
func (l loop) branches(f function, all []block, nested []loop) int {
	n := 0
	for b := range l.blocks {
		last := f.code[all[b].to-1]
		closes := slices.ContainsFunc(nested, func(l loop) bool { return l.back[b] })
		if _, conditional, _ := target(last); last.base() == "BRA" && last.op != "BRA.DIV" && conditional && !closes {
			n++
		}
	}
	return n
}

// innermost is whether none of the smaller loops lies in l and has products.
func (l loop) innermost(f function, all []block, smaller []loop) bool {
	for _, s := range smaller {
		if l.blocks[s.header] && s.products(f, all) > 0 {
			return false
		}
	}
	return true
}
