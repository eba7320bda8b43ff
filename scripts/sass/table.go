package main

import (
	"fmt"
	"io"
)

// printTable prints, as Markdown, the kernels with tensor-core instructions and how many blocks of them run on a multiprocessor of each card.
func (m *module) printTable(w io.Writer) {
	fmt.Fprint(w, "| kernel | code | registers | shared KiB | products | tile loop | step | branches | divergent | blocks |\n")
	fmt.Fprint(w, "|---|---|---|---|---|---|---|---|---|---|\n")
	for _, kernel := range m.names() {
		for _, code := range codes() {
			r := m.row(kernel, code)
			if r.tensor == "" {
				continue
			}
			fmt.Fprintf(w, "| %s | %s | %d | %.1f | %d %s | %d | %d | %d | %d | %s |\n", kernel, code, r.most[0], float64(r.most[1])/1024,
				r.most[2], r.tensor, r.most[3], r.most[4], r.most[5], r.most[6], joined(r.blocks))
		}
	}
}
