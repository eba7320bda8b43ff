package main

import (
	"strings"

	"github.com/urfave/cli/v2"

	"udml-gpu/engine/run/past"
	"udml-gpu/engine/setting"
)

// maxCompared bounds the runs of a comparison.
const maxCompared = 100

func runsCompareCommand() *cli.Command {
	return &cli.Command{
		Name: "compare", Usage: "show what differs between runs: settings, data, results", ArgsUsage: "RUN RUN...",
		Description: "Finished runs that were scored on the same images are tested in pairs, each against the first: the difference of " +
			"their scores, its 95 % interval over the test classes, and what that says. --html writes a page with the curves of " +
			"all runs laid over each other.",
		Flags: []cli.Flag{
			jsonFlag(), &cli.StringFlag{Name: "html", Usage: "also write a page to this `FILE`", EnvVars: env("html")},
		},
		OnUsageError: usageError,
		Action:       compareRuns,
	}
}

func compareRuns(c *cli.Context) error {
	if c.NArg() < 2 || c.NArg() > maxCompared {
		return setting.Usage("runs compare takes 2 to %d runs: udml-gpu runs compare runs/001 runs/002", maxCompared)
	}
	r, err := past.Compare(c.Args().Slice())
	if err != nil {
		return err
	}
	if file := c.String("html"); file != "" {
		if err := r.WriteHTML(file); err != nil {
			return err
		}
	}
	return printResultOr(c, r, comparisonText(r))
}

// comparisonText is a table for each part of the comparison.
func comparisonText(r *past.Comparison) string {
	var b strings.Builder
	for _, t := range r.Tables() {
		t.Columns[0] = t.Title
		writeQuoted(&b, t)
		b.WriteString("\n")
	}
	if len(r.Settings) == 0 {
		b.WriteString("The settings are the same.\n")
	}
	b.WriteString("Data: " + r.DataNote + ".\n" + quoted(r.Verdict()) + "\n")
	for _, line := range r.PairLines() {
		b.WriteString(quoted(line) + "\n")
	}
	return b.String()
}
