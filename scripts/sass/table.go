package main

import (
	"fmt"
	"io"
	"strconv"
	"strings"
)

// tableCode is the machine code whose instructions are printed.
const tableCode = "sm_90a"

// printTable prints, as Markdown, the kernels with tensor-core instructions whose names start with prefix: what they take for tableCode,
// and how many blocks run on a multiprocessor of each card.
func (m *module) printTable(w io.Writer, prefix string) {
	head := []string{"kernel", "registers", "shared, KiB", "products", "tile loop", "inner loop", "straight", "branches", "divergent"}
	for _, c := range cards {
		head = append(head, "blocks on "+c.name)
	}
	fmt.Fprintf(w, "| %s |\n%s|\n", strings.Join(head, " | "), strings.Repeat("|---", len(head)))
	for _, kernel := range m.names() {
		f := m.figures[tableCode][kernel]
		if !strings.HasPrefix(kernel, prefix) || f.mostTensor() == "" {
			continue
		}
		straight := strconv.Itoa(f.straight)
		if f.step < f.loop {
			straight = "" // how often the inner loop is run is not known
		}
		fmt.Fprintf(w, "| `%s` | %d | %.1f | %d %s | %d | %d | %s | %d | %d |", kernel, f.registers,
			float64(f.shared+m.launch(kernel).shared)/1024, f.products, f.mostTensor(), f.loop, f.step, straight, f.branches, f.divergent)
		for _, c := range cards {
			fmt.Fprintf(w, " %d |", m.blocksOn(c, kernel))
		}
		fmt.Fprintln(w)
	}
}
