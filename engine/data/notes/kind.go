package notes

import (
	"path"
	"strings"
)

// kindOf is the extension of a file for counting, in lower case, or a word for names without one.
func kindOf(name string) string {
	ext := strings.ToLower(path.Ext(name))
	if len(ext) < 2 || len(ext) > 12 || strings.ContainsAny(ext, " ()") {
		return "no extension"
	}
	return ext
}
