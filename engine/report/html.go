package report

import (
	"bytes"
	_ "embed"
	"html/template"

	"udml-gpu/models/disk"
)

// Page is what report.html shows. Everything in it is text: names of folders and images may hold anything.
type Page struct {
	Title    string
	Warnings []string // shown first, marked
	Summary  []Field  // the result in a few figures
	Charts   []Chart
	Tables   []Table
	Settings []Field // folded away
}

// Field is a name with a value.
type Field struct{ Name, Value string }

// Table is rows of text under a heading, each as long as Columns.
type Table struct {
	Title   string
	Columns []string
	Rows    [][]string
}

//go:embed page.html
var pageSource string

var pageTemplate = template.Must(template.New("page").Parse(pageSource))

// WriteHTML replaces the file at path by p as one self-contained page: no script, nothing loaded from elsewhere. The
// bytes are a function of p.
func WriteHTML(path string, p Page) error {
	var b bytes.Buffer
	if err := pageTemplate.Execute(&b, p); err != nil {
		return err
	}
	return disk.Replace(path, b.Bytes())
}
