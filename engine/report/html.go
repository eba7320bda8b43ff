package report

import (
	"bytes"
	_ "embed"
	"html/template"

	"udml-gpu/models/disk"
)

// Page is the content of report.html. Everything is text and is escaped: names of folders and images may contain markup.
type Page struct {
	Title    string
	Lead     []string // sentences below the title
	Warnings []string // highlighted
	Next     []Command
	Summary  []Field // the main figures of the result
	Charts   []Chart
	Albums   []Album
	Tables   []Table
	Settings []Field // collapsed
	Machine  []Field // collapsed
}

// Command is a line for a shell and what it is for.
type Command struct{ About, Line string }

// Field is a name with a value.
type Field struct{ Name, Value string }

// Table is rows of text under a heading, each as long as Columns.
type Table struct {
	Title   string
	Folded  bool // shown when its title is opened
	Columns []string
	Rows    [][]string
}

//go:embed page.html
var pageSource string

var pageTemplate = template.Must(template.New("page").Parse(pageSource))

// WriteHTML replaces the file at path by p as one self-contained page, without scripts or external resources. The
// bytes depend only on p.
func WriteHTML(path string, p Page) error {
	var b bytes.Buffer
	if err := pageTemplate.Execute(&b, p); err != nil {
		return err
	}
	return disk.Replace(path, b.Bytes())
}
