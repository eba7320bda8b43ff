package layer

import "strings"

// Division says where the blocks of a backbone begin, and which of them are trained.
type Division struct {
	Blocks []string // how the name of each block's first parameter begins, in the order of the pass
	Behind string   // how that of the first parameter behind the last block begins; empty: there is none
	// Train is how many of the last blocks are trained, together with what stands behind them. 0: nothing of the backbone is;
	// AllBlocks: all of it is, also what stands before the first block.
	Train int
}

// AllBlocks trains the whole backbone.
const AllBlocks = -1

// Divide sets the division of the backbone. It comes before the first recording, since it decides which parameters have a gradient.
func (s *Store) Divide(d Division) { s.division = d }

// depth is the Depth of a new parameter of the backbone. Parameters come in the order of the pass, and what comes between the
// beginnings of two blocks belongs to the first of them.
func (s *Store) depth(name string) int {
	begins := s.division.Blocks
	if s.division.Behind != "" {
		begins = append(begins[:len(begins):len(begins)], s.division.Behind)
	}
	if s.begun < len(begins) && strings.HasPrefix(name, begins[s.begun]) {
		s.begun++
	}
	return len(s.division.Blocks) + 1 - s.begun
}

// frozen says whether parameters of the backbone of that depth are not trained.
func (d Division) frozen(depth int) bool {
	return d.Train == 0 || d.Train > 0 && depth > d.Train
}
