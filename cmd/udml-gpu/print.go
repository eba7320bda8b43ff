package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"

	"github.com/urfave/cli/v2"

	"udml-gpu/engine/eval"
	"udml-gpu/engine/inference"
	"udml-gpu/engine/report"
	"udml-gpu/engine/run"
)

// printJSON writes v as one indented document.
func printJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(v)
}

// printResultOr prints v as JSON under --json, and the text otherwise.
func printResultOr(c *cli.Context, v any, text string) error {
	if c.Bool("json") {
		return printJSON(c.App.Writer, v)
	}
	_, err := io.WriteString(c.App.Writer, text)
	return err
}

// printResult prints the result of training.
func printResult(c *cli.Context, r *run.Result) error {
	var b strings.Builder
	if r.After.Scores != nil { // the scores before training may be missing, in a run of an earlier version
		writeScores(&b, "", r.ScoreRows())
	}
	if r.Unlabelled > 0 {
		fmt.Fprintf(&b, "images without a label, not scored: %d\n", r.Unlabelled)
	}
	b.WriteString(healthLine(r))
	if r.Oracle {
		b.WriteString("trained on TRUE LABELS: the run reads the labels of the training images, " +
			"an upper bound, not an unsupervised result\n")
	}
	for _, s := range r.Warnings {
		b.WriteString("warning: " + s + "\n")
	}
	if r.SkippedImages > 0 {
		fmt.Fprintf(&b, "images that could not be read: %d, named in %s\n", r.SkippedImages, filepath.Join(r.Run, "report.html"))
	}
	fmt.Fprintf(&b, "%d epochs in %.1f s; the run is in %s\n", r.Epochs, r.Seconds, r.Run)
	return printResultOr(c, r, b.String())
}

// healthLine compares the effective rank with that before training, and says which network is kept; of a run of no epochs there is one.
func healthLine(r *run.Result) string {
	if r.Choice == nil {
		return fmt.Sprintf("effective rank %.1f\n", r.After.EffectiveRank)
	}
	text := fmt.Sprintf("effective rank %.1f -> %.1f\n%s\n", r.Before.EffectiveRank, r.After.EffectiveRank, r.Choice.Text)
	if change := r.ChangeText(); change != "" {
		text += change + "\n"
	}
	return text
}

// writeTable writes the table in columns.
func writeTable(b *strings.Builder, t report.Table) {
	w := tabwriter.NewWriter(b, 0, 0, 2, ' ', 0)
	for _, row := range append([][]string{t.Columns}, t.Rows...) {
		fmt.Fprintln(w, strings.Join(row, "\t"))
	}
	w.Flush()
}

// writeScores writes a table of scores, and below it what its brackets are.
func writeScores(b *strings.Builder, corner string, rows []run.ScoreRow) {
	writeTable(b, run.ScoreTable(corner, rows))
	if note := run.IntervalNote(rows); note != "" {
		b.WriteString(note + "\n")
	}
}

// heading says which images the scores are of.
func heading(s *eval.Scores) string {
	text := fmt.Sprintf("%d images, %d classes", s.Images, s.Classes)
	if s.Queries > 0 {
		text += fmt.Sprintf(", %d queries in a gallery of %d", s.Queries, s.Gallery)
	}
	return text
}

// printScores prints the result of eval.
func printScores(c *cli.Context, r *inference.Report) error {
	var b strings.Builder
	if r.Scores != nil {
		writeScores(&b, heading(r.Scores), []run.ScoreRow{{Scores: r.Scores}})
		if r.Unlabelled > 0 {
			fmt.Fprintf(&b, "images without a label, not scored: %d of %d\n", r.Unlabelled, r.Images)
		}
	} else {
		fmt.Fprintf(&b, "%d of %d images are without labels: no retrieval scores\n", r.Unlabelled, r.Images)
	}
	fmt.Fprintf(&b, "effective rank %.1f\n", r.EffectiveRank)
	if r.Oracle {
		b.WriteString("trained on TRUE LABELS: an upper bound\n")
	}
	tellSkipped(r.Skipped)
	return printResultOr(c, r, b.String())
}

// tellSkipped prints the number of images that could not be read; the log has named them.
func tellSkipped(n int) {
	if n > 0 {
		fmt.Fprintf(os.Stderr, "udml-gpu: %d images could not be read and were left out\n", n)
	}
}
