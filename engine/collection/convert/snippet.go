package convert

import (
	"bufio"
	"embed"
	"encoding/json"
	"strings"

	"udml-gpu/engine/data"
)

//go:embed snippets
var snippets embed.FS

// writeSnippet writes the program of that name from snippets. NAME of the pairs NAME, value stands for the value as a literal.
func (j *job) writeSnippet(name, as string, pairs ...string) error {
	source, err := snippets.ReadFile("snippets/" + name)
	if err != nil {
		panic(err) // it is in the binary
	}
	return j.write(j.in(as), func(w *bufio.Writer) error {
		_, err := strings.NewReplacer(pairs...).WriteString(w, string(source))
		return err
	})
}

// literal is a value of Python, whose literals include those of JSON but for true, false and null.
func literal(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // only texts and numbers are given
	}
	return string(b)
}

// root is the folder of the images, for a snippet.
func (j *job) root() string { return literal(text(data.Path(j.c.Data()))) }
