package duplicates

import (
	"fmt"
	"strings"
	"text/tabwriter"

	"udml-gpu/engine/report"
)

// textGroups bounds the groups in Text.
const textGroups = 20

// Text is the report for a person: groups, sums, and the pairs at the threshold.
func (r *Report) Text() string {
	var b strings.Builder
	for k := range r.Groups {
		if k == textGroups {
			fmt.Fprintf(&b, "... and %s more (--csv, --html or --json list all)\n", report.Count(len(r.Groups)-k, "group"))
			break
		}
		g := &r.Groups[k]
		fmt.Fprintf(&b, "%-6s  similarity %.3f  keep %q (%s)\n", g.Kind, g.MinSimilarity, g.Keep, g.Why)
		for _, path := range g.Items[1:] {
			fmt.Fprintf(&b, "        %q\n", path)
		}
	}
	for _, kind := range []Kind{Bytes, Pixels, Near} {
		if n := r.Counts.Groups[kind]; n > 0 {
			extra := report.Count(r.Counts.Extra[kind], "image")
			fmt.Fprintf(&b, "%s: %s, %s beyond the ones to keep\n", kind, report.Count(n, "group"), extra)
		}
	}
	if len(r.Groups) == 0 {
		b.WriteString("no duplicates\n")
	}
	if n := r.Counts.Between; n > 0 {
		fmt.Fprintf(&b, "%s between groups, of which not all images are near each other\n", report.Count(n, "near pair"))
	}
	fmt.Fprintf(&b, "%s compared; threshold %s\n", report.Count(r.Images, "image"), r.thresholdText())
	r.levelText(&b)
	r.edgeText(&b)
	return b.String()
}

// levelText is a table of what other thresholds would find.
func (r *Report) levelText(b *strings.Builder) {
	if len(r.Thresholds) == 0 {
		return
	}
	b.WriteString("near duplicates by threshold:\n")
	w := tabwriter.NewWriter(b, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprint(w, "threshold\tgroups\timages\tpairs\tprecision\trecall\t\n")
	for _, l := range r.Thresholds {
		fmt.Fprintf(w, "%.3f\t%d\t%d\t%d\t%s\t%s\t", l.Threshold, l.Groups, l.Images, l.Pairs, percent(l.Precision), percent(l.Recall))
		if l.Threshold == r.Threshold {
			fmt.Fprint(w, " *")
		}
		fmt.Fprintln(w)
	}
	_ = w.Flush() // into memory
}

// percent is a share that is expected; - where it is not known.
func percent(share *float64) string {
	if share == nil {
		return "-"
	}
	return fmt.Sprintf("%.1f%%", 100**share)
}

// thresholdText is the threshold and where it comes from.
func (r *Report) thresholdText() string {
	text := fmt.Sprintf("%.3f", r.Threshold)
	p := r.Proposal
	switch {
	case p == nil:
		return text + " (given)"
	case p.From == "copies":
		return text + fmt.Sprintf(" (proposed: of copies of %s it finds %.1f%%, and %.1f%% of what it finds is right)",
			report.Count(p.Sample, "image"), 100**r.Recall, 100**r.Precision)
	}
	return text + fmt.Sprintf(" (proposed from %s alone)", report.Count(p.Sample, "nearest neighbour"))
}

func (r *Report) edgeText(b *strings.Builder) {
	for _, part := range []struct {
		title string
		pairs []Pair
	}{
		{"just above the threshold", r.Edge.Above},
		{"just below", r.Edge.Below},
		{"similar, but refused by the check", r.Edge.Refused},
	} {
		if len(part.pairs) > 0 {
			b.WriteString(part.title + ":\n")
		}
		for _, p := range part.pairs {
			fmt.Fprintf(b, "  %.3f  hash %2d  %s  %q %q\n", p.Similarity, p.HashBits, p.matchText(), p.A, p.B)
		}
	}
}

func (p *Pair) matchText() string {
	if p.Match == nil {
		return "match   -  "
	}
	return fmt.Sprintf("match %.3f", *p.Match)
}
