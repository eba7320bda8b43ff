package main

import (
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/urfave/cli/v2"

	"udml-gpu/engine/licenses"
)

func licensesCommand() *cli.Command {
	return &cli.Command{
		Name: "licenses", Usage: "print the licence of this program and of everything inside it",
		Flags: []cli.Flag{
			jsonFlag(),
			&cli.BoolFlag{Name: "list", Usage: "print names, versions and licences without the texts"},
		},
		OnUsageError: usageError,
		Action: func(c *cli.Context) error {
			if err := noArguments(c); err != nil {
				return err
			}
			all := licenses.All()
			if c.Bool("list") {
				return printResultOr(c, withoutTexts(all), licenseList(all))
			}
			return printResultOr(c, all, licenseTexts(all))
		},
	}
}

// entry is a component without its text.
type entry struct {
	Name    string `json:"name"`
	Version string `json:"version,omitempty"`
	License string `json:"license"`
}

func withoutTexts(all []licenses.Component) []entry {
	list := make([]entry, len(all))
	for i, c := range all {
		list[i] = entry{c.Name, c.Version, c.License}
	}
	return list
}

// licenseList is a table with a row for each component.
func licenseList(all []licenses.Component) string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	for _, c := range all {
		fmt.Fprintf(w, "%s\t%s\t%s\n", c.Name, c.License, c.Version)
	}
	w.Flush()
	return b.String()
}

// licenseTexts is the text of every component below a line with its name.
func licenseTexts(all []licenses.Component) string {
	var b strings.Builder
	for i, c := range all {
		if i > 0 {
			b.WriteString("\n" + strings.Repeat("-", 80) + "\n\n")
		}
		fmt.Fprintf(&b, "%s (%s)\n\n%s", strings.TrimSpace(c.Name+" "+c.Version), c.License, strings.TrimSpace(c.Text)+"\n")
	}
	return b.String()
}
