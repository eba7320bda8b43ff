package main

import (
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/urfave/cli/v2"

	"udml-gpu/engine/scaling"
	"udml-gpu/engine/setting"
)

// benchScaling prints what a model says of training on several GPUs and hosts; nothing is measured.
func benchScaling(c *cli.Context) error {
	measured, err := measuredSpeeds(c.String("measured"))
	if err != nil {
		return err
	}
	table, err := scaling.Predictions(append(measured, c.StringSlice("assume")...))
	if err != nil {
		return setting.Usage("--assume: %v", err)
	}
	text := scalingTable(table)
	if table.Rows[0].Hosts == table.Rows[len(table.Rows)-1].Hosts { // of one cluster: its times
		text = scalingTimes(table)
	}
	return printResultOr(c, table, fmt.Sprintf("scaling on several GPUs, %s (--assume puts in your own)\n%s", table.Note, text))
}

// scalingTable has a line for each network, width of what is gathered and images a GPU, and a column for each cluster: efficiencies.
func scalingTable(t scaling.Table) string {
	var b strings.Builder
	fmt.Fprint(&b, "efficiency in per cent: with batch norm over all ranks / frozen or of each rank alone; NICs are of a host\n")
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', tabwriter.AlignRight)
	var head, lines []string
	for i, row := range t.Rows {
		first := i == 0 || row.Hosts < t.Rows[i-1].Hosts
		if first {
			lines = append(lines, fmt.Sprintf("%s\t%g\t%g", row.Network, row.Images, row.GatherWidth))
		}
		separator := "\t"
		if !first && t.Rows[i-1].Hosts == row.Hosts && t.Rows[i-1].NICs == row.NICs {
			separator = " / "
		} else if len(lines) == 1 {
			head = append(head, clusterName(row.Input))
		}
		lines[len(lines)-1] += fmt.Sprintf("%s%.1f", separator, 100*row.Efficiency)
	}
	fmt.Fprintf(w, "network\timages a GPU\tgathered\t%s\t\n%s\t\n", strings.Join(head, "\t"), strings.Join(lines, "\t\n"))
	w.Flush()
	return b.String()
}

func clusterName(in scaling.Input) string {
	if in.Hosts == 1 {
		return fmt.Sprintf("%g GPUs", in.GPUs)
	}
	return fmt.Sprintf("%gx%g, %g NIC", in.Hosts, in.GPUs, in.NICs)
}

// scalingTimes has a line for each prediction, with the parts of its step.
func scalingTimes(t scaling.Table) string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "network\tcluster\timages a GPU\tgathered\tbatch norm\tcompute ms\tgradients ms\texposed ms\thead ms\tsync ms\t"+
		"step ms\tefficiency %\timages/s\t")
	for _, r := range t.Rows {
		norm := "frozen"
		if r.SyncNorm {
			norm = "sync"
		}
		fmt.Fprintf(w, "%s\t%s\t%g\t%g\t%s\t", r.Network, clusterName(r.Input), r.Images, r.GatherWidth, norm)
		fmt.Fprintf(w, "%.2f\t%.2f\t%.2f\t%.2f\t%.2f\t%.2f\t%.1f\t%.0f\t\n", 1e3*r.Compute, 1e3*r.Gradients, 1e3*r.Exposed, 1e3*r.Head,
			1e3*r.Sync, 1e3*r.Step, 100*r.Efficiency, r.ImagesPerSecond)
	}
	w.Flush()
	return b.String()
}
