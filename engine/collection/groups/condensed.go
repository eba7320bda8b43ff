package groups

import "math"

// condensed is the tree of the groups that live on while images fall out of them: a group splits where both parts have minSize images.
// Group 0 is all images; a group comes after the one that it splits off from.
type condensed struct {
	parent    []int32   // of each group; -1 of the first
	birth     []float64 // 1 / distance at which the group split off
	stability []float64 // sum over its images of (1 / distance at which they left it) - birth
	of        []int32   // the last group of each image
}

// condense is the tree of forks over n images.
func condense(forks []fork, n, minSize int) *condensed {
	t := &condensed{parent: []int32{-1}, birth: []float64{0}, stability: []float64{0}, of: make([]int32, n)}
	type visit struct{ node, group int32 }
	for queue := []visit{{int32(n + len(forks) - 1), 0}}; len(queue) > 0; {
		v := queue[len(queue)-1]
		queue = queue[:len(queue)-1]
		if v.node < int32(n) {
			t.of[v.node] = v.group
			continue
		}
		f := forks[v.node-int32(n)]
		lambda := math.Inf(1)
		if f.distance > 0 {
			lambda = 1 / f.distance
		}
		big := [2]bool{sizeOf(forks, n, f.left) >= minSize, sizeOf(forks, n, f.right) >= minSize}
		for side, node := range [2]int32{f.left, f.right} {
			group := v.group
			switch {
			case big[0] && big[1]:
				group = t.split(v.group, lambda)
				t.leave(v.group, lambda, sizeOf(forks, n, node))
			case !big[side]:
				t.leave(v.group, lambda, sizeOf(forks, n, node))
				t.drop(forks, n, node, v.group)
				continue
			}
			queue = append(queue, visit{node, group})
		}
	}
	return t
}

// sizeOf is the number of images below a node.
func sizeOf(forks []fork, n int, node int32) int {
	if node < int32(n) {
		return 1
	}
	return forks[node-int32(n)].size
}

// split adds a group that splits off from another.
func (t *condensed) split(from int32, lambda float64) int32 {
	t.parent, t.birth, t.stability = append(t.parent, from), append(t.birth, lambda), append(t.stability, 0)
	return int32(len(t.parent) - 1)
}

// leave counts images that leave a group.
func (t *condensed) leave(group int32, lambda float64, images int) {
	if lambda > t.birth[group] { // also where both are infinite: equal images add nothing
		t.stability[group] += (lambda - t.birth[group]) * float64(images)
	}
}

// drop makes a group the last one of the images below a node.
func (t *condensed) drop(forks []fork, n int, node, group int32) {
	for stack := []int32{node}; len(stack) > 0; {
		at := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		if at < int32(n) {
			t.of[at] = group
			continue
		}
		f := forks[at-int32(n)]
		stack = append(stack, f.left, f.right)
	}
}

// selected are the groups with the largest stability together of which none holds another (excess of mass); never the first.
func (t *condensed) selected() []bool {
	chosen := make([]bool, len(t.parent))
	below := make([]float64, len(t.parent)) // the best of what is below each group
	parts := make([]int, len(t.parent))
	for g := len(t.parent) - 1; g > 0; g-- {
		own := t.stability[g]
		if parts[g] == 0 || own >= below[g] {
			chosen[g] = true
		} else {
			own = below[g]
		}
		below[t.parent[g]] += own
		parts[t.parent[g]]++
	}
	covered := make([]bool, len(t.parent)) // by a group above that was chosen
	for g := 1; g < len(t.parent); g++ {
		if p := t.parent[g]; chosen[p] || covered[p] {
			covered[g], chosen[g] = true, false
		}
	}
	return chosen
}

// labels are the chosen groups that the images have left last, or that hold the group they have left; -1: none.
func (t *condensed) labels(chosen []bool) []int32 {
	under := make([]int32, len(t.parent))
	under[0] = -1
	for g := 1; g < len(t.parent); g++ {
		under[g] = under[t.parent[g]]
		if chosen[g] {
			under[g] = int32(g)
		}
	}
	of := make([]int32, len(t.of))
	for i, g := range t.of {
		of[i] = under[g]
	}
	return of
}
