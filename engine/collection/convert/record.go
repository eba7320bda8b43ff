package convert

import (
	"bufio"
	"fmt"
	"strings"
	"unicode/utf8"

	"udml-gpu/engine/collection"
)

// text is s as valid UTF-8, which tables must hold: each byte of a file name that is not becomes \xNN.
func text(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	var b strings.Builder
	for len(s) > 0 {
		r, size := utf8.DecodeRuneInString(s)
		if r == utf8.RuneError && size == 1 {
			fmt.Fprintf(&b, `\x%02x`, s[0])
		} else {
			b.WriteString(s[:size])
		}
		s = s[size:]
	}
	return b.String()
}

// lineEscapes keep a text on one line and in one column; they can be undone.
var lineEscapes = strings.NewReplacer(`\`, `\\`, "\n", `\n`, "\r", `\r`, "\t", `\t`)

// line is s on one line: backslash, newline, carriage return and tab as \\, \n, \r and \t, and bytes that are not UTF-8 as \xNN.
func line(s string) string { return text(lineEscapes.Replace(s)) }

// writePaths writes the paths, one a line, in the order of the rows.
func (j *job) writePaths(path string) error {
	return j.write(path, func(w *bufio.Writer) error {
		return j.each(func(_ int, it *collection.Item, _ []float32) error {
			_, err := w.WriteString(line(it.Path) + "\n")
			return err
		})
	})
}

// pathsAndAbout are the files beside one that holds vectors alone.
func (j *job) pathsAndAbout() []func() error {
	return []func() error{
		func() error { return j.writePaths(j.beside("paths.txt")) },
		func() error { return j.writeAbout(j.beside("about.json")) },
	}
}

// hash is the perceptual hash as imagehash prints it.
func hash(it *collection.Item) string { return fmt.Sprintf("%016x", it.Look.PHash) }
