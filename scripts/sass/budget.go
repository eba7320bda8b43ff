package main

import (
	"bytes"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
)

// budget is kernels/budget.tsv: a row for each kernel with tensor-core instructions and each machine code.
type budget struct {
	compiler string // whose figures these are
	rows     []row
}

// row is what a kernel may take: at least blocks on a multiprocessor of each card that runs the code, at most the other figures.
type row struct {
	kernel, code, tensor string // tensor is the opcode of the tensor-core instructions that must be there
	blocks               []int
	most                 [len(columns)]int
}

// columns are the figures with an upper limit, by their words in messages.
var columns = [...]struct{ name, words string }{
	{"registers", "registers a thread"},
	{"shared", "bytes of shared memory a block"},
	{"stack", "bytes of stack frame and local memory a thread"},
	{"local", "instructions that load or store local memory"},
	{"products", "tensor-core instructions in the tile loop"},
	{"loop", "instructions in the tile loop"},
	{"step", "instructions in the innermost loop"},
	{"branches", "conditional branches in the tile loop"},
	{"divergent", "places in the tile loop where a warp may part"},
}

const (
	compilerMark = "# compiler: "
	budgetHead   = `# What the kernels with tensor-core instructions may take; scripts/sass holds what the compiler made against it
# (make sass) and writes it anew (make sass-update). blocks: at least so many on a multiprocessor, on each card that runs the code (8.0, 8.6
# and 8.9 run sm_80). The other figures are upper limits: registers a thread, bytes of shared memory a block, bytes of stack frame a thread
# and instructions that use it (both 0 for the machine code that is shipped), and of the tile loop, the outermost loop around the products:
# products, instructions (step: those of its innermost loop), conditional branches, places where a warp may part.
`
)

func head() string {
	names := []string{"kernel", "code", "blocks", "tensor"}
	for _, c := range columns {
		names = append(names, c.name)
	}
	return strings.Join(names, "\t")
}

func readBudget(file string) (budget, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return budget{}, fmt.Errorf("%w: make sass-update writes it", err)
	}
	var b budget
	n := 0
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSuffix(line, "\n")
		n++
		switch {
		case strings.HasPrefix(line, compilerMark):
			b.compiler = line[len(compilerMark):]
		case strings.HasPrefix(line, "#") || line == head():
		default:
			r, err := readRow(line)
			if err != nil {
				return b, fmt.Errorf("%s, line %d: %w", file, n, err)
			}
			if b.find(r.kernel, r.code) != nil {
				return b, fmt.Errorf("%s, line %d: %s for %s stands there twice", file, n, r.kernel, r.code)
			}
			b.rows = append(b.rows, r)
		}
	}
	return b, nil
}

func readRow(line string) (row, error) {
	fields := strings.Split(line, "\t")
	if len(fields) != 4+len(columns) {
		return row{}, fmt.Errorf("%d columns where %d were expected: %s", len(fields), 4+len(columns), head())
	}
	r := row{kernel: fields[0], code: fields[1], tensor: fields[3]}
	if !slices.Contains(codes(), r.code) {
		return r, fmt.Errorf("%q is none of the machine codes %s", r.code, strings.Join(codes(), ", "))
	}
	if !tensorOps[r.tensor] {
		return r, fmt.Errorf("%q is no tensor-core instruction", r.tensor)
	}
	for _, f := range strings.Split(fields[2], ",") {
		n, err := strconv.Atoi(f)
		if err != nil {
			return r, fmt.Errorf("blocks %q are not numbers", fields[2])
		}
		r.blocks = append(r.blocks, n)
	}
	if len(r.blocks) != len(cardsOf(r.code)) {
		return r, fmt.Errorf("blocks %q are not one for each of the %d cards that run %s", fields[2], len(cardsOf(r.code)), r.code)
	}
	for n, f := range fields[4:] {
		most, err := strconv.Atoi(f)
		if err != nil {
			return r, fmt.Errorf("%s %q is not a number", columns[n].name, f)
		}
		r.most[n] = most
	}
	return r, nil
}

// find is the row of a kernel and code, nil if there is none.
func (b *budget) find(kernel, code string) *row {
	for n := range b.rows {
		if b.rows[n].kernel == kernel && b.rows[n].code == code {
			return &b.rows[n]
		}
	}
	return nil
}

func (b *budget) write(file string) error {
	var out bytes.Buffer
	out.WriteString(budgetHead + compilerMark + b.compiler + "\n" + head() + "\n")
	for _, r := range b.rows {
		fmt.Fprintf(&out, "%s\t%s\t%s\t%s", r.kernel, r.code, joined(r.blocks), r.tensor)
		for _, n := range r.most {
			fmt.Fprintf(&out, "\t%d", n)
		}
		out.WriteByte('\n')
	}
	return os.WriteFile(file, out.Bytes(), 0o644)
}

func joined(numbers []int) string {
	words := make([]string, len(numbers))
	for i, n := range numbers {
		words[i] = strconv.Itoa(n)
	}
	return strings.Join(words, ",")
}

// codes are the machine codes of the cards.
func codes() []string {
	var all []string
	for _, c := range cards {
		if !slices.Contains(all, c.code) {
			all = append(all, c.code)
		}
	}
	return all
}

// cardsOf are the cards that run that code.
func cardsOf(code string) []card {
	var all []card
	for _, c := range cards {
		if c.code == code {
			all = append(all, c)
		}
	}
	return all
}
