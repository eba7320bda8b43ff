package setting

import (
	"fmt"

	"github.com/xrash/smetrics"
)

// Likeness of two names (Jaro and Winkler's, 0 to 1) from which on one may be meant by the other. A letter left out,
// doubled or exchanged in a flag's name gives 0.9 and more, names that have little in common 0.7 and less.
const alike = 0.8

// Nearest is the one of names that is most like name, "" when none is. With equally near ones it is the first.
func Nearest(name string, names []string) string {
	best, likeness := "", alike
	for _, n := range names {
		if l := smetrics.JaroWinkler(name, n, 0.7, 4); l > likeness {
			best, likeness = n, l
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
