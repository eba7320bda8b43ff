package duplicates

import (
	"cmp"
	"slices"
)

// linked are the groups of complete linkage: every two members of a group are a pair of the list. Pairs are taken from the most similar
// down, and two groups are joined where all pairs between them are there. So a chain a-b, b-c without a-c never becomes a group.
// The pairs come in the order of byBest. Groups and their members are ascending.
func linked(pairs []pair) [][]int {
	there := make(map[[2]int32]bool, len(pairs))
	for _, p := range pairs {
		there[[2]int32{p.a, p.b}] = true
	}
	groupOf, members := map[int32]int32{}, map[int32][]int32{} // a group is named by its first member
	of := func(i int32) int32 {
		if g, ok := groupOf[i]; ok {
			return g
		}
		groupOf[i], members[i] = i, []int32{i}
		return i
	}
	refused := map[[2]int32]bool{} // pairs of groups; a group that grows meets what it could not join again once
	for _, p := range pairs {
		a, b := of(p.a), of(p.b)
		if a == b || refused[[2]int32{a, b}] {
			continue
		}
		if !allThere(there, members[a], members[b]) {
			refused[[2]int32{a, b}], refused[[2]int32{b, a}] = true, true
			continue
		}
		for _, i := range members[b] {
			groupOf[i] = a
		}
		members[a] = append(members[a], members[b]...)
		delete(members, b)
	}
	var groups [][]int
	for _, list := range members {
		if len(list) < 2 {
			continue
		}
		slices.Sort(list)
		group := make([]int, len(list))
		for k, i := range list {
			group[k] = int(i)
		}
		groups = append(groups, group)
	}
	slices.SortFunc(groups, func(a, b []int) int { return cmp.Compare(a[0], b[0]) })
	return groups
}

// allThere tells whether every member of a and every member of b are a pair.
func allThere(there map[[2]int32]bool, a, b []int32) bool {
	for _, i := range a {
		for _, j := range b {
			if !there[[2]int32{min(i, j), max(i, j)}] {
				return false
			}
		}
	}
	return true
}
