package main

import (
	"fmt"
	"strings"

	"github.com/urfave/cli/v2"

	"udml-gpu/engine/collection/audit"
	"udml-gpu/engine/machine"
)

func dataAuditCommand() *cli.Command {
	rows := settingsOf("device", "precision")
	return &cli.Command{
		Name: "audit", Usage: "find what may be wrong with the images of a collection", ArgsUsage: "COLLECTION",
		Description: "It lists damaged files, images that are in two splits, labels that no neighbour shares, images unlike all others, " +
			"blurred, dark, light and empty ones, and odd sizes and shapes. They are hints: nothing is changed.",
		Flags:        append([]cli.Flag{configFlag(), jsonFlag()}, flagsOf(rows, "")...),
		OnUsageError: usageError,
		Action: func(c *cli.Context) error {
			o, err := oneCollection(c, rows)
			if err != nil {
				return err
			}
			defer o.close()
			r, err := audit.Find(c.Context, o.dev, o.Collection, o.ui)
			if err == nil {
				err = machine.Fault(o.dev)
			}
			if err != nil {
				return err
			}
			return printResultOr(c, r, auditText(r))
		},
	}
}

// shownFindings is how many findings of a kind are listed.
const shownFindings = 10

// auditText is a line for each of the clearest findings of a kind.
func auditText(r *audit.Report) string {
	var b strings.Builder
	seen := map[string]int{}
	for _, f := range r.Findings {
		if seen[f.Kind]++; seen[f.Kind] > shownFindings {
			continue
		}
		fmt.Fprintf(&b, "%s: %s: %s", strings.ReplaceAll(f.Kind, "_", " "), quoted(f.Path), f.Why)
		if f.With != "" {
			fmt.Fprintf(&b, ": %s", quoted(f.With))
		}
		b.WriteByte('\n')
		if n := r.Counts[f.Kind]; seen[f.Kind] == min(n, shownFindings) && n > shownFindings {
			fmt.Fprintf(&b, "%s: and %d more (--json lists all)\n", strings.ReplaceAll(f.Kind, "_", " "), n-shownFindings)
		}
	}
	fmt.Fprintf(&b, "%d images: %d findings\n", r.Images, len(r.Findings))
	return b.String()
}
