package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
)

// tools are the programs of NVIDIA's toolkit.
type tools struct{ nvcc, ptxas, cuobjdump, nvdisasm string }

// findTools reads the file that scripts/toolchain.sh writes.
func findTools(env string) (tools, error) {
	text, err := os.ReadFile(env)
	if err != nil {
		return tools{}, fmt.Errorf("%w: make sass fetches the compiler and the disassembler", err)
	}
	dirs := map[string]string{}
	for line := range strings.Lines(string(text)) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		dirs[name] = value
	}
	if dirs["NVCC"] == "" || dirs["SASS_BIN"] == "" {
		return tools{}, fmt.Errorf("%s names no compiler or no disassembler: make sass fetches them", env)
	}
	bin := dirs["SASS_BIN"]
	return tools{
		nvcc: dirs["NVCC"], ptxas: filepath.Join(filepath.Dir(dirs["NVCC"]), "ptxas"),
		cuobjdump: filepath.Join(bin, "cuobjdump"), nvdisasm: filepath.Join(bin, "nvdisasm"),
	}, nil
}

// module disassembles the fatbin's machine code, and that which the driver of a newer GPU would make of its PTX.
func (t tools) module(fatbin, work string) (*module, error) {
	fatbin, err := filepath.Abs(fatbin)
	if err != nil {
		return nil, err
	}
	if err := os.RemoveAll(work); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(work, 0o755); err != nil {
		return nil, err
	}
	if _, err := t.output(work, t.cuobjdump, "-xelf", "all", "-xptx", "all", fatbin); err != nil {
		return nil, err
	}
	ptx, err := only(work, "*.ptx")
	if err != nil {
		return nil, err
	}
	m := &module{figures: map[string]map[string]figures{}}
	if m.compiler, err = t.compiler(); err != nil {
		return nil, err
	}
	text, err := os.ReadFile(ptx)
	if err != nil {
		return nil, err
	}
	if m.bounds, err = readBounds(bytes.NewReader(text)); err != nil {
		return nil, err
	}
	return m, t.addCodes(m, work, ptx)
}

// addCodes measures the kernels for each machine code of the cards, two at a time.
func (t tools) addCodes(m *module, work, ptx string) error {
	codes := codes()
	errs := make([]error, len(codes))
	measured := make([]map[string]figures, len(codes))
	slots := make(chan struct{}, 2)
	var wait sync.WaitGroup
	for n, code := range codes {
		wait.Go(func() {
			slots <- struct{}{}
			measured[n], errs[n] = t.measureCode(work, ptx, code)
			<-slots
		})
	}
	wait.Wait()
	for n, code := range codes {
		m.figures[code] = measured[n]
	}
	return errors.Join(errs...)
}

// measureCode disassembles the cubin for that code; where the fatbin has none, PTX is compiled as the driver would.
func (t tools) measureCode(work, ptx, code string) (map[string]figures, error) {
	cubin, err := only(work, "*."+code+".cubin")
	if err != nil {
		cubin = filepath.Join(work, "ptx."+code+".cubin")
		if _, err := t.output(work, t.ptxas, "-arch", code, abs(ptx), "-o", abs(cubin)); err != nil {
			return nil, err
		}
	}
	usage, err := t.output(work, t.cuobjdump, "-res-usage", abs(cubin))
	if err != nil {
		return nil, err
	}
	taken, err := readResources(bytes.NewReader(usage))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", code, err)
	}
	listing, err := t.output(work, t.cuobjdump, "-sass", abs(cubin))
	if err != nil {
		return nil, err
	}
	return measureAll(code, listing, taken)
}

func measureAll(code string, listing []byte, taken map[string]resources) (map[string]figures, error) {
	functions, err := readListing(bytes.NewReader(listing))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", code, err)
	}
	all := map[string]figures{}
	for _, f := range functions {
		r, ok := taken[f.name]
		if !ok {
			return nil, fmt.Errorf("%s: the disassembly has %s, of which the resources say nothing", code, f.name)
		}
		if all[f.name], err = measure(f, r); err != nil {
			return nil, fmt.Errorf("%s: %w", code, err)
		}
	}
	if len(all) != len(taken) || len(all) == 0 {
		return nil, fmt.Errorf("%s: the disassembly has %d kernels, the resources have %d", code, len(all), len(taken))
	}
	return all, nil
}

// compiler is the line that names the compiler's version.
func (t tools) compiler() (string, error) {
	out, err := t.output(".", t.nvcc, "--version")
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	return lines[len(lines)-1], err
}

// output runs a program in dir and gives its standard output.
func (t tools) output(dir, program string, arguments ...string) ([]byte, error) {
	var said bytes.Buffer
	c := exec.Command(abs(program), arguments...)
	c.Dir, c.Stderr = dir, &said
	c.Env = append(os.Environ(), "LC_ALL=C", "NVDISASM_PATH="+filepath.Dir(abs(t.nvdisasm)))
	out, err := c.Output()
	if err != nil {
		return nil, fmt.Errorf("%s: %w: %s", filepath.Base(program), err, strings.TrimSpace(said.String()))
	}
	return out, nil
}

func abs(path string) string {
	full, err := filepath.Abs(path)
	if err != nil {
		return path
	}
	return full
}

// only is the one file of dir that fits the pattern.
func only(dir, pattern string) (string, error) {
	found, err := filepath.Glob(filepath.Join(dir, pattern))
	if err != nil {
		return "", err
	}
	if len(found) != 1 {
		return "", fmt.Errorf("%s has %d files %s, and one was expected", dir, len(found), pattern)
	}
	return found[0], nil
}
