package main

import (
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// module is all that is known of the compiled kernels.
type module struct {
	compiler string
	figures  map[string]map[string]figures // by machine code and kernel
	bounds   map[string]bounds
	launches map[string]launch
	marks    marks
}

// launch is the largest launch of a kernel: threads a block, and bytes of shared memory beside what it declares itself.
type launch struct{ threads, shared int }

// usualThreads is the block of a kernel that neither KERNEL_BOUNDS nor kernels/launches.tsv says anything of: that of kernels.Elements.
const usualThreads = 256

// readLaunches reads "kernel threads shared" a line.
func readLaunches(file string) (map[string]launch, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	all := map[string]launch{}
	n := 0
	for line := range strings.Lines(string(text)) {
		n++
		if strings.HasPrefix(line, "#") || n > 1 && strings.TrimSpace(line) == "" {
			continue
		}
		var name, rest string
		var l launch
		if got, _ := fmt.Sscan(line, &name, &l.threads, &l.shared, &rest); got != 3 || l.threads < 1 || l.threads > 1024 || l.shared < 0 {
			return nil, fmt.Errorf("%s, line %d: %q is not a kernel, its threads a block and its dynamic shared memory in bytes",
				file, n, strings.TrimSpace(line))
		}
		if _, twice := all[name]; twice {
			return nil, fmt.Errorf("%s, line %d: %s stands there twice", file, n, name)
		}
		all[name] = l
	}
	return all, nil
}

// marks are what the sources say of kernels.
type marks struct{ stack, wgmma map[string]bool }

var markCall = regexp.MustCompile(`(?m)^\s*(KERNEL_STACK_ALLOWED|KERNEL_WGMMA)\(\s*(\w+)\s*\)`)

// readMarks reads the marks of kernels in all .cu files below dir.
func readMarks(dir string) (marks, error) {
	m := marks{map[string]bool{}, map[string]bool{}}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(path) != ".cu" {
			return err
		}
		text, err := os.ReadFile(path)
		for _, found := range markCall.FindAllStringSubmatch(string(text), -1) {
			into := m.stack
			if found[1] == "KERNEL_WGMMA" {
				into = m.wgmma
			}
			into[found[2]] = true
		}
		return err
	})
	return m, err
}

// names are the kernels in alphabetical order; the function that names the sources is none.
func (m *module) names() []string {
	var names []string
	for _, n := range slices.Sorted(maps.Keys(m.figures[cards[0].code])) {
		if !strings.HasPrefix(n, "udml_sources_") {
			names = append(names, n)
		}
	}
	return names
}

func (m *module) launch(kernel string) launch {
	l, listed := m.launches[kernel]
	if !listed {
		l.threads = usualThreads
		if b := m.bounds[kernel].threads; b > 0 {
			l.threads = b
		}
	}
	return l
}

// blocksOn is how many blocks of the kernel run on a multiprocessor of that card at a time.
func (m *module) blocksOn(c card, kernel string) int {
	l, f := m.launch(kernel), m.figures[c.code][kernel]
	return c.occupancy(l.threads, f.registers, f.shared+l.shared)
}

// wantedOn is how many the kernel asks for, or as many of so many threads as there can be.
func (m *module) wantedOn(c card, kernel string) int {
	b := m.bounds[kernel]
	return max(1, min(b.blocks, c.occupancy(m.launch(kernel).threads, 1, 0)))
}
