package main

import (
	"bufio"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
)

// resources is what a kernel takes of a multiprocessor and of memory: registers a thread, bytes of shared memory that it declares itself,
// and bytes of the stack frame and of other local memory a thread.
type resources struct{ registers, shared, stack, local int }

var (
	resourceName = regexp.MustCompile(`^ Function (\S+):$`)
	resourceLine = regexp.MustCompile(`^  REG:(\d+) STACK:(\d+) SHARED:(\d+) LOCAL:(\d+)( CONSTANT\[\d+\]:\d+)*` +
		`( (TEXTURE|SURFACE|SAMPLER):0)*$`)
	resourcesSkip = regexp.MustCompile(`^(Resource usage:| Common:|  GLOBAL:\d+( CONSTANT\[\d+\]:\d+)*)$`)
)

// readResources reads what `cuobjdump -res-usage` prints of one cubin. From compute capability 9.0 on that tool counts the 1 KiB of each
// block's shared memory that the system takes as the kernel's, of every kernel if one of them has shared memory: it is taken off again.
func readResources(r io.Reader) (map[string]resources, error) {
	all := map[string]resources{}
	name := ""
	lines := bufio.NewScanner(r)
	for n := 1; lines.Scan(); n++ {
		line := lines.Text()
		if m := resourceName.FindStringSubmatch(line); m != nil && name == "" {
			name = m[1]
		} else if m := resourceLine.FindStringSubmatch(line); m != nil && name != "" {
			all[name] = resources{registers: number(m[1]), stack: number(m[2]), shared: number(m[3]), local: number(m[4])}
			name = ""
		} else if line != "" && !resourcesSkip.MatchString(line) {
			return nil, fmt.Errorf("line %d of the resources is not understood: %q", n, line)
		}
	}
	withoutSystems(all)
	return all, lines.Err()
}

// withoutSystems takes the system's shared memory off where it is in every kernel's.
func withoutSystems(all map[string]resources) {
	for _, r := range all {
		if r.shared < sharedReserved {
			return
		}
	}
	for name, r := range all {
		r.shared -= sharedReserved
		all[name] = r
	}
}

// bounds is what a kernel promises and asks for by KERNEL_BOUNDS: at most so many threads a block, and registers few enough for so many
// blocks on a multiprocessor; zeros where it does neither.
type bounds struct{ threads, blocks int }

var (
	entryLine   = regexp.MustCompile(`^\.visible \.entry (\w+)\(\)?$`)
	maxThreads  = regexp.MustCompile(`^\.maxntid (\d+), 1, 1$`)
	leastBlocks = regexp.MustCompile(`^\.minnctapersm (\d+)$`)
)

// readBounds reads the bounds of every kernel in PTX.
func readBounds(r io.Reader) (map[string]bounds, error) {
	all := map[string]bounds{}
	name := ""
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 1<<20) // a table of constants is one line
	for n := 1; lines.Scan(); n++ {
		line := lines.Text()
		b := all[name]
		switch {
		case strings.Contains(line, ".entry"):
			m := entryLine.FindStringSubmatch(line)
			if m == nil {
				return nil, fmt.Errorf("line %d of the PTX is not understood: %q", n, line)
			}
			name, b = m[1], bounds{}
		case strings.HasPrefix(line, ".maxntid") && maxThreads.MatchString(line):
			b.threads = number(maxThreads.FindStringSubmatch(line)[1])
		case strings.HasPrefix(line, ".minnctapersm") && leastBlocks.MatchString(line):
			b.blocks = number(leastBlocks.FindStringSubmatch(line)[1])
		case strings.HasPrefix(line, ".maxn") || strings.HasPrefix(line, ".minn") || strings.HasPrefix(line, ".req"):
			return nil, fmt.Errorf("line %d of the PTX is not understood: %q", n, line)
		}
		if name != "" {
			all[name] = b
		}
	}
	return all, lines.Err()
}

// number reads digits that a regular expression has found.
func number(digits string) int {
	n, err := strconv.Atoi(digits)
	if err != nil {
		panic(err)
	}
	return n
}
