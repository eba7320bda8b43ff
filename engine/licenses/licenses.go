// Package licenses holds the licence texts that must be distributed with the program: its own, those of the weights and images inside
// it, and those of the Go modules it is built from. scripts/notices.sh writes project.txt and modules.txt.
package licenses

import (
	_ "embed"
	"regexp"
	"strings"

	"udml-gpu/engine/data/demo"
	"udml-gpu/models/weights/pretrained"
)

//go:embed project.txt
var project string

//go:embed modules.txt
var modules string

// Component is a part of the program with its own licence.
type Component struct {
	Name    string `json:"name"`              // of a Go module, its path
	Version string `json:"version,omitempty"` // of a Go module
	License string `json:"license"`           // SPDX identifier
	Text    string `json:"text"`
}

// All are the program's components: itself first, then the embedded data, Go's library, and the modules by path.
func All() []Component {
	own := []Component{
		{Name: "udml-gpu", License: "Apache-2.0", Text: project},
		{Name: "SqueezeNet 1.0 weights", License: "BSD-3-Clause", Text: pretrained.SqueezeNetLicense()},
		{Name: "Omniglot images", License: "MIT", Text: demo.License()},
	}
	return append(own, parse(modules)...)
}

// heading is the line above a component's text: "==== PATH VERSION (LICENCE)", Go's library has no version.
var heading = regexp.MustCompile(`(?m)^==== (.+) \(([A-Za-z0-9.-]+)\)\n`)

// parse splits modules.txt.
func parse(s string) []Component {
	var found []Component
	at := heading.FindAllStringSubmatchIndex(s, -1)
	for i, m := range at {
		end := len(s)
		if i+1 < len(at) {
			end = at[i+1][0]
		}
		c := Component{Name: s[m[2]:m[3]], License: s[m[4]:m[5]], Text: strings.TrimSpace(s[m[1]:end]) + "\n"}
		if path, version, ok := strings.Cut(c.Name, " v"); ok {
			c.Name, c.Version = path, "v"+version
		}
		found = append(found, c)
	}
	return found
}
