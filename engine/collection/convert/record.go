package convert

import (
	"bufio"
	"fmt"

	"udml-gpu/engine/collection"
	"udml-gpu/engine/data/rawname"
)

// text is s as valid UTF-8, which tables must hold, by rawname.Text: "caf\xe9" is bytes:caf%E9.
func text(s string) string { return rawname.Text(s) }

// line is s on one line, by rawname.Line.
func line(s string) string { return rawname.Line(s) }

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
