package groups

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strings"
	"unicode"

	"udml-gpu/engine/collection"
)

// names gives each group the folder word that says most about it: that which the largest share of its images has, where at least
// half have it and it is commoner there than in all images; else its number. Of equal names all but the first have a number behind them.
func names(c *collection.Collection, r *Result) []string {
	all := map[string]int{}
	in := make([]map[string]int, r.K)
	for g := range in {
		in[g] = map[string]int{}
	}
	for n, i := range r.Items {
		for _, w := range folderWords(c.Items[i].Path) {
			all[w]++
			if g := r.Of[n]; g >= 0 {
				in[g][w]++
			}
		}
	}
	list, used := make([]string, r.K), map[string]int{}
	for g := range list {
		name := nameOf(in[g], all, r.Sizes[g], len(r.Items))
		if name == "" {
			name = fmt.Sprintf("group %d", g)
		}
		if used[name]++; used[name] > 1 {
			name = fmt.Sprintf("%s %d", name, used[name])
		}
		list[g] = name
	}
	return list
}

// nameOf is the best word of a group of that size; "" where none says anything.
func nameOf(in, all map[string]int, size, images int) string {
	best, share := "", 0.0
	for _, w := range sortedWords(in) {
		s := float64(in[w]) / float64(size)
		if s >= 0.5 && s > 1.5*float64(all[w])/float64(images) && s*(1-float64(all[w])/float64(images)) > share {
			best, share = w, s*(1-float64(all[w])/float64(images))
		}
	}
	return best
}

func sortedWords(words map[string]int) []string {
	list := make([]string, 0, len(words))
	for w := range words {
		list = append(list, w)
	}
	slices.SortFunc(list, func(a, b string) int { return cmp.Or(cmp.Compare(words[b], words[a]), cmp.Compare(a, b)) })
	return list
}

// folderWords are the different words in the folders of a path; numbers and single letters are none.
func folderWords(name string) []string {
	words := strings.FieldsFunc(strings.ToLower(path.Dir(name)), func(r rune) bool { return !unicode.IsLetter(r) })
	words = slices.DeleteFunc(words, func(w string) bool { return len([]rune(w)) < 2 })
	slices.Sort(words)
	return slices.Compact(words)
}
