package setting

import (
	"fmt"

	"github.com/xrash/smetrics"
)

// minSimilarity is the similarity of two names (Jaro and Winkler's, 0 to 1) above which one may be a mistyped form of the other.
// A letter left out, doubled or exchanged in a flag's name gives 0.9 or more, names with little in common 0.7 or less.
const minSimilarity = 0.8

// Nearest is the one of names that is most similar to name, of equally similar ones the first; "" when none is similar.
func Nearest(name string, names []string) string {
	best, similarity := "", minSimilarity
	for _, n := range names {
		if s := smetrics.JaroWinkler(name, n, 0.7, 4); s > similarity {
			best, similarity = n, s
		}
	}
	return best
}

// suggestion is "; did you mean NAME?", or nothing.
func suggestion(name string, names []string) string {
	if n := Nearest(name, names); n != "" {
		return fmt.Sprintf("; did you mean %s?", n)
	}
	return ""
}
