// Package page holds the web page of serve: HTML, style sheets and JavaScript modules as a browser takes them, without a build step.
package page

import (
	"embed"
	"io/fs"
)

//go:embed index.html icon.svg css js
var files embed.FS

// Files is the page: index.html, and what it asks for by addresses relative to it.
func Files() fs.FS { return files }
