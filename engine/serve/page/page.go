// Package page holds the web page of serve: HTML, style sheets and JavaScript modules as a browser takes them, without a build step.
package page

import (
	"embed"
	"html/template"
	"io/fs"
)

//go:embed index.html icon.svg css js
var files embed.FS

//go:embed token.html
var token string

// Files is the page: index.html, and what it asks for by addresses relative to it.
func Files() fs.FS { return files }

// Token is the page that asks for the token. It takes Why, a sentence, and Next, the query of the page to go on to.
var Token = template.Must(template.New("token").Parse(token))
