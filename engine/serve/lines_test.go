package serve

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"
)

// The modules and style sheets of the page keep to what the linters ask of Go: lines of 140 columns and, as all files, fewer than 250
// lines.
func TestLines(t *testing.T) {
	scripts, err := filepath.Glob("page/js/*.js")
	styles, and := filepath.Glob("page/css/*.css")
	if err != nil || and != nil || len(scripts) == 0 || len(styles) == 0 {
		t.Fatalf("%d modules and %d style sheets: %v, %v", len(scripts), len(styles), err, and)
	}
	for _, name := range append(scripts, styles...) {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(strings.TrimSuffix(string(b), "\n"), "\n")
		if len(lines) >= 250 {
			t.Errorf("%s has %d lines", name, len(lines))
		}
		for i, l := range lines {
			if n := utf8.RuneCountInString(l); n > 140 {
				t.Errorf("%s:%d has %d columns", name, i+1, n)
			}
		}
	}
}
