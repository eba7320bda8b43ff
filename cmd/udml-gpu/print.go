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

// printResult shows what training achieved.
func printResult(c *cli.Context, r *run.Result) error {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	if r.After.Scores != nil {
		row(w, "", r.After.Scores, true) // a run of an earlier version may have none before training
		row(w, "before: pooled features", r.Before.Pooled, false)
		row(w, "before: whitened features", r.Before.Whitened, false)
		row(w, "before: embedding", r.Before.Scores, false)
		row(w, "after: pooled features", r.After.Pooled, false)
		row(w, "after: whitened features", r.After.Whitened, false)
		row(w, "after: embedding, not whitened", r.After.Raw, false)
		row(w, "after: embedding", r.After.Scores, false)
	}
	w.Flush()
	if r.Unlabelled > 0 {
		fmt.Fprintf(&b, "images without a label, not scored: %d\n", r.Unlabelled)
	}
	fmt.Fprintf(&b, "effective rank %.1f -> %.1f, views that find each other %.1f%% -> %.1f%%\n",
		r.Before.EffectiveRank, r.After.EffectiveRank, 100*r.Before.ViewRecall, 100*r.After.ViewRecall)
	if r.Oracle {
		b.WriteString("trained on TRUE LABELS (--pseudo-labels oracle): an upper bound, not an unsupervised result\n")
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

// row is one line of scores, or the heading that fits them.
func row(w io.Writer, name string, s *eval.Scores, heading bool) {
	if s == nil {
		return
	}
	cells := []string{name}
	for _, k := range s.Ks() {
		if heading {
			cells = append(cells, fmt.Sprintf("R@%d", k))
			continue
		}
		cells = append(cells, fmt.Sprintf("%.3f", s.Recall[k]))
	}
	if heading {
		cells = append(cells, "MAP@R", "NMI", "ARI", "F1")
	} else {
		for _, v := range []float64{s.MAPAtR, s.NMI, s.ARI, s.F1} {
			cells = append(cells, fmt.Sprintf("%.3f", v))
		}
	}
	fmt.Fprintln(w, strings.Join(cells, "\t"))
}

// heading is what the scores are of.
func heading(s *eval.Scores) string {
	text := fmt.Sprintf("%d images, %d classes", s.Images, s.Classes)
	if s.Queries > 0 {
		text += fmt.Sprintf(", %d queries in a gallery of %d", s.Queries, s.Gallery)
	}
	return text
}

// printScores shows what eval measured.
func printScores(c *cli.Context, r *inference.Report) error {
	var b strings.Builder
	if r.Scores != nil {
		w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
		row(w, heading(r.Scores), r.Scores, true)
		row(w, "", r.Scores, false)
		w.Flush()
		if r.Unlabelled > 0 {
			fmt.Fprintf(&b, "images without a label, not scored: %d of %d\n", r.Unlabelled, r.Images)
		}
	} else {
		fmt.Fprintf(&b, "%d of %d images are without labels: no retrieval scores\n", r.Unlabelled, r.Images)
	}
	fmt.Fprintf(&b, "effective rank %.1f\n", r.EffectiveRank)
	if r.Oracle {
		b.WriteString("trained on TRUE LABELS (--pseudo-labels oracle): an upper bound\n")
	}
	tellSkipped(r.Skipped)
	return printResultOr(c, r, b.String())
}

// tellSkipped counts the images that the log has named.
func tellSkipped(n int) {
	if n > 0 {
		fmt.Fprintf(os.Stderr, "udml-gpu: %d images could not be read and were left out\n", n)
	}
}
