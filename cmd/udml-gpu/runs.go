package main

import (
	"fmt"
	"strings"

	"github.com/urfave/cli/v2"

	"udml-gpu/engine/report"
	"udml-gpu/engine/run"
	"udml-gpu/engine/run/past"
	"udml-gpu/engine/setting"
)

func runsCommand() *cli.Command {
	return &cli.Command{
		Name: "runs", Usage: "list, show and compare the runs of train",
		Subcommands:     []*cli.Command{runsListCommand(), runsShowCommand(), runsCompareCommand()},
		HideHelpCommand: true,
		OnUsageError:    usageError,
		Action:          noSubcommand,
	}
}

// usualRuns is the folder in which train makes runs without --out.
const usualRuns = "runs"

func runsListCommand() *cli.Command {
	return &cli.Command{
		Name: "list", Usage: "list the runs below a folder", ArgsUsage: "[DIR]",
		Description: "Without DIR it is " + usualRuns + "/. A run is finished, running (a process holds it), interrupted (train --resume " +
			"goes on with it), diverged, or damaged; runs are sorted by their start. The best score is that of the embedding after an " +
			"epoch or at the end.",
		Flags:        []cli.Flag{jsonFlag()},
		OnUsageError: usageError,
		Action:       listRuns,
	}
}

// runList is the result of runs list.
type runList struct {
	Folder string      `json:"folder"`
	Runs   []*past.Run `json:"runs"`
}

func listRuns(c *cli.Context) error {
	dir := usualRuns
	switch c.NArg() {
	case 0:
	case 1:
		dir = c.Args().First()
	default:
		return setting.Usage("%q is not expected here: runs list takes one folder", c.Args().Get(1))
	}
	list, err := past.List(dir)
	if err != nil {
		return err
	}
	if list == nil {
		list = []*past.Run{}
	}
	return printResultOr(c, runList{dir, list}, runListText(dir, list))
}

// runListText is a line for each run, and below them what is damaged.
func runListText(dir string, list []*past.Run) string {
	if len(list) == 0 {
		return fmt.Sprintf("there are no runs in %s; udml-gpu train makes one\n", shown(dir))
	}
	t := report.Table{Columns: []string{"run", "started (UTC)", "state", "method", "backbone", "data", "images", "epochs", "best"}}
	var problems strings.Builder
	for _, r := range list {
		images, epochs := "", ""
		if r.Images > 0 {
			images = fmt.Sprint(r.Images)
		}
		if r.State != past.Damaged {
			epochs = r.EpochText()
		}
		t.Rows = append(t.Rows, quotedAll([]string{
			r.Path, r.StartText(), string(r.State), r.Method, r.Backbone, r.Data, images, epochs, r.BestText(),
		}))
		if r.Problem != "" {
			fmt.Fprintf(&problems, "%s: %s\n", quoted(r.Path), quoted(r.Problem))
		}
	}
	var b strings.Builder
	writeTable(&b, t)
	return b.String() + problems.String()
}

// quotedAll are the texts as a terminal may be given them.
func quotedAll(texts []string) []string {
	for i := range texts {
		texts[i] = quoted(texts[i])
	}
	return texts
}

func runsShowCommand() *cli.Command {
	return &cli.Command{
		Name: "show", Usage: "show the settings, the data and the result of a run", ArgsUsage: "RUN",
		Description: "Of the settings it lists those that differ from the defaults.",
		Flags:       []cli.Flag{jsonFlag()}, OnUsageError: usageError,
		Action: func(c *cli.Context) error {
			if c.NArg() != 1 {
				return setting.Usage("runs show takes one run: udml-gpu runs show runs/001")
			}
			d, err := past.Show(c.Args().First())
			if err != nil {
				return err
			}
			return printResultOr(c, d, detailsText(d))
		},
	}
}

// detailsText is a run for people.
func detailsText(d *past.Details) string {
	var b strings.Builder
	t := report.Table{Columns: []string{"run", d.Path}, Rows: [][]string{
		{"state", string(d.State)},
		{"started (UTC)", d.StartText()},
		{"method", d.Method},
		{"backbone", d.Backbone},
		{"data", d.Data},
		{"images", fmt.Sprint(d.Images)},
		{"data hash", d.Fingerprint},
		{"epochs", d.EpochText()},
		{"seconds", fmt.Sprintf("%.1f", d.Seconds)},
		{"best", d.BestText()},
	}}
	writeQuoted(&b, t)
	for _, s := range append([]string{d.Problem}, d.Warnings...) {
		if s != "" {
			b.WriteString("warning: " + quoted(s) + "\n")
		}
	}
	if len(d.Settings) > 0 {
		t := report.Table{Columns: []string{"setting", "value", "default"}}
		for _, s := range d.Settings {
			t.Rows = append(t.Rows, []string{s.Key, fmt.Sprint(s.Value), fmt.Sprint(s.Default)})
		}
		b.WriteString("\n")
		writeQuoted(&b, t)
	}
	result := resultOf(d)
	rows := result.ScoreRows()
	if len(rows) > 0 {
		b.WriteString("\n")
		writeScores(&b, "", rows)
	}
	if d.Before != nil && d.After != nil {
		b.WriteString(healthLine(result))
	}
	t = report.Table{Columns: []string{"file", "bytes"}}
	for _, f := range d.Files {
		t.Rows = append(t.Rows, []string{f.Path, fmt.Sprint(f.Bytes)})
	}
	b.WriteString("\n")
	writeQuoted(&b, t)
	if d.MoreFiles > 0 {
		fmt.Fprintf(&b, "and %d more files\n", d.MoreFiles)
	}
	return b.String()
}

// resultOf is the result of a run, of which text comes from a file.
func resultOf(d *past.Details) *run.Result {
	r := &run.Result{Before: d.Before, After: d.After, Change: d.Change}
	if d.Choice != nil {
		kept := *d.Choice
		kept.Text = quoted(kept.Text)
		r.Choice = &kept
	}
	return r
}

// writeQuoted writes a table whose texts come from files.
func writeQuoted(b *strings.Builder, t report.Table) {
	quotedAll(t.Columns)
	for _, row := range t.Rows {
		quotedAll(row)
	}
	writeTable(b, t)
}
