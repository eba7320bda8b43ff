package main

import (
	"bufio"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
)

// instruction is one machine instruction: where it is in its function, the predicate that guards it ("" where none does, else such as
// "!P0"), its opcode with modifiers ("LDG.E.64") and its operands.
type instruction struct {
	at              int
	guard, op, rest string
}

// base is the opcode without its modifiers.
func (i instruction) base() string {
	base, _, _ := strings.Cut(i.op, ".")
	return base
}

// function is a kernel's instructions in the order of their addresses, which are step apart.
type function struct {
	name string
	code []instruction
}

// step is the size of an instruction in bytes, of every GPU since compute capability 7.0.
const step = 16

var (
	codeLine = regexp.MustCompile(`^\s+/\*([0-9a-f]{4,})\*/\s+(?:@(!?U?P[0-9T]+)\s+)?` + // address and guard
		`([A-Z][A-Z0-9_.a-z]*)(?:\s+(.*?))?\s*;\s+/\* 0x[0-9a-f]{16} \*/$`)
	functionLine    = regexp.MustCompile(`^\s+Function : (\S+)$`)
	functionEndLine = regexp.MustCompile(`^\s+\.+$`)
	skippedLine     = regexp.MustCompile(`^(\s+code for sm_\w+|\s+\.target\s+sm_\w+|\s+\.headerflags\s+@"[^"]*")$`)
)

// readListing reads what `cuobjdump -sass` prints of one cubin. A line that is none of those known here is an error, since what it means
// for the kernels is unknown.
func readListing(r io.Reader) ([]function, error) {
	var all []function
	open := false // inside of the last function
	lines := bufio.NewScanner(r)
	for n := 1; lines.Scan(); n++ {
		line := lines.Text()
		i, isCode := readInstruction(line)
		switch {
		case isCode && open:
			f := &all[len(all)-1]
			if i.at != len(f.code)*step {
				return nil, fmt.Errorf("line %d of the disassembly: %s goes on at %#x, not at %#x", n, f.name, i.at, len(f.code)*step)
			}
			f.code = append(f.code, i)
		case isEncoding(line) || line == "" || skippedLine.MatchString(line):
		case functionLine.MatchString(line):
			all = append(all, function{name: functionLine.FindStringSubmatch(line)[1]})
			open = true
		case functionEndLine.MatchString(line):
			open = false
		default:
			return nil, fmt.Errorf("line %d of the disassembly is not understood: %q", n, line)
		}
	}
	return all, lines.Err()
}

// isEncoding is whether a line is the second half of an instruction's 16 bytes: they are half of all lines.
func isEncoding(line string) bool {
	bits, ok := strings.CutPrefix(strings.TrimLeft(line, " \t"), "/* 0x")
	return ok && len(bits) == 16+len(" */") && strings.HasSuffix(bits, " */")
}

func readInstruction(line string) (instruction, bool) {
	if !strings.HasPrefix(strings.TrimLeft(line, " \t"), "/*") || isEncoding(line) {
		return instruction{}, false
	}
	m := codeLine.FindStringSubmatch(line)
	if m == nil {
		return instruction{}, false
	}
	at, err := strconv.ParseInt(m[1], 16, 32)
	return instruction{at: int(at), guard: m[2], op: m[3], rest: m[4]}, err == nil
}
