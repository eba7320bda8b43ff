// Package ignore reads files that say what of a folder is left out, in the syntax of .gitignore (gitignore(5)).
package ignore

import "strings"

// Name is the file's name; it holds for the folder in which it lies, and for all below.
const Name = ".udmlignore"

// Rules are the lines of a file that are neither blank nor comments, in their order.
type Rules []rule

// rule is a line.
type rule struct {
	parts  []string // between slashes; of a rule for any depth the first is **
	again  bool     // it begins with !: what it matches is taken again
	folder bool     // it ends with a slash: it matches folders only
}

// Parse reads the content of a file. Every text is valid: a line that no name can match leaves nothing out.
func Parse(text string) Rules {
	var list Rules
	for line := range strings.Lines(strings.TrimPrefix(text, "\ufeff")) {
		line = strings.TrimSuffix(strings.TrimSuffix(line, "\n"), "\r")
		if r, ok := parseLine(trimSpaces(line)); ok {
			list = append(list, r)
		}
	}
	return list
}

// trimSpaces cuts off spaces at the end, up to one that follows a backslash.
func trimSpaces(line string) string {
	cut := strings.TrimRight(line, " ")
	if len(cut) < len(line) && (len(cut)-len(strings.TrimRight(cut, `\`)))%2 == 1 {
		return line[:len(cut)+1]
	}
	return cut
}

func parseLine(line string) (r rule, ok bool) {
	if strings.HasPrefix(line, "#") {
		return r, false
	}
	line, r.again = strings.CutPrefix(line, "!")
	line, r.folder = strings.CutSuffix(line, "/")
	if line == "" {
		return r, false
	}
	r.parts = strings.Split(strings.TrimPrefix(line, "/"), "/")
	if !strings.Contains(line, "/") { // it matches names in every folder
		r.parts = []string{"**", line}
	}
	return r, true
}

// Match is what the rules say of a file or folder, by its path from the folder in which they lie: told is whether a rule matches it, and
// out whether the last such leaves it out. What lies in a folder that is left out cannot be taken again, and need not be asked for.
func (list Rules) Match(path string, folder bool) (told, out bool) {
	names := strings.Split(path, "/")
	for i := len(list) - 1; i >= 0; i-- {
		if r := &list[i]; (folder || !r.folder) && matchPath(r.parts, names) {
			return true, !r.again
		}
	}
	return false, false
}
