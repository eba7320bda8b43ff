package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// compiled is the module of testdata/kernels.cu as it is stored for sm_80 and sm_90a; the other machine codes are given the figures of the
// latter.
func compiled(t *testing.T) *module {
	t.Helper()
	m := &module{compiler: "the test's", figures: map[string]map[string]figures{}, launches: map[string]launch{}}
	m.marks = marks{stack: map[string]bool{}, wgmma: map[string]bool{}}
	var err error
	if m.bounds, err = readBounds(bytes.NewReader(stored(t, "kernels.ptx"))); err != nil {
		t.Fatal(err)
	}
	for _, code := range []string{"sm_80", "sm_90a"} {
		taken, err := readResources(bytes.NewReader(stored(t, code+".resources")))
		if err != nil {
			t.Fatal(err)
		}
		if m.figures[code], err = measureAll(code, stored(t, code+".sass"), taken); err != nil {
			t.Fatal(err)
		}
	}
	m.figures["sm_100"], m.figures["sm_120"] = m.figures["sm_90a"], m.figures["sm_90a"]
	return m
}

func stored(t *testing.T, name string) []byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// keep leaves only those kernels in the module.
func (m *module) keep(kernels ...string) *module {
	kept := map[string]map[string]figures{}
	for code, all := range m.figures {
		kept[code] = map[string]figures{}
		for _, k := range kernels {
			kept[code][k] = all[k]
		}
	}
	m.figures = kept
	return m
}

// said joins errors or notes, a line each.
func said[T any](all []T) string {
	lines := make([]string, len(all))
	for i, one := range all {
		lines[i] = fmt.Sprint(one)
	}
	return strings.Join(lines, "\n")
}

func wantSaid(t *testing.T, got string, want ...string) {
	t.Helper()
	if len(want) == 0 && got != "" {
		t.Errorf("said although nothing is wrong:\n%s", got)
	}
	for _, w := range want {
		if !strings.Contains(got, w) {
			t.Errorf("nothing says %q; said was:\n%s", w, got)
		}
	}
}

func TestRulesCatchWrongKernels(t *testing.T) {
	wantSaid(t, said(compiled(t).keep("tile_right", "tile_plain", "tile_branches").rules()))
	wantSaid(t, said(compiled(t).keep("stack_frame").rules()),
		"stack_frame for sm_80 has a stack frame of 32 bytes a thread and 0 bytes of local memory; none is allowed",
		"stack_frame for sm_90a has")
	wantSaid(t, said(compiled(t).keep("spills").rules()), "spills for sm_80 has a stack frame of", "spills for sm_90a has a stack frame of")

	hidden := compiled(t).keep("spills") // as if the resources did not know
	for code, all := range hidden.figures {
		f := all["spills"]
		f.stack, f.local = 0, 0
		hidden.figures[code] = map[string]figures{"spills": f}
	}
	wantSaid(t, said(hidden.rules()), "spills for sm_80 loads and stores local memory in 162 instructions")

	marked := compiled(t).keep("stack_frame")
	marked.marks.stack["stack_frame"] = true
	wantSaid(t, said(marked.rules()))
}

func TestRulesAskForWarpgroupProducts(t *testing.T) {
	m := compiled(t).keep("warpgroup", "tile_right")
	m.marks.wgmma["warpgroup"] = true
	wantSaid(t, said(m.rules()))
	m.marks.wgmma["tile_right"], m.marks.wgmma["gone"] = true, true
	wantSaid(t, said(m.rules()), "tile_right is marked KERNEL_WGMMA and has no HGMMA instruction for sm_90a",
		"KERNEL_WGMMA(gone) marks no kernel")
}

func TestRulesAskForBlocks(t *testing.T) {
	m := compiled(t).keep("tile_right")
	m.launches["tile_right"] = launch{threads: 128, shared: 60 << 10}
	wantSaid(t, said(m.rules()), "tile_right runs in 3 blocks on a multiprocessor of compute capability 9.0, and 4 are wanted "+
		"(128 threads, 20 registers, 61440 bytes of shared memory)")
	m.launches["tile_right"] = launch{threads: 128, shared: 100 << 10}
	wantSaid(t, said(m.rules()), "tile_right runs in 0 blocks on a multiprocessor of compute capability 8.6, and 1 are wanted")
	m.launches["tile_right"] = launch{threads: 256}
	wantSaid(t, said(m.rules()), "tile_right is launched with 256 threads by kernels/launches.tsv and bound to 128")
	m.launches = map[string]launch{"gone": {threads: 1}}
	wantSaid(t, said(m.rules()), "kernels/launches.tsv names gone, which is no kernel")
}

func TestFiguresOfTileLoops(t *testing.T) {
	m := compiled(t)
	right, parts, plain := m.figures["sm_80"]["tile_right"], m.figures["sm_80"]["tile_branches"], m.figures["sm_80"]["tile_plain"]
	if right.products != 1 || right.tensor["HMMA"] != 1 || right.divergent != 0 || right.step >= right.loop || right.step < 4 {
		t.Errorf("tile_right: %+v", right)
	}
	if parts.divergent != 1 || parts.branches < 1 || parts.step != parts.loop {
		t.Errorf("tile_branches: %+v", parts)
	}
	// A turn need not take the branch, and must take the product.
	if parts.straight >= parts.loop || parts.straight < 4 {
		t.Errorf("tile_branches: at least %d of %d instructions a turn", parts.straight, parts.loop)
	}
	if plain.mostTensor() != "" || plain.loop != 0 {
		t.Errorf("tile_plain: %+v", plain)
	}
	if w := m.figures["sm_90a"]["warpgroup"]; w.products != 1 || w.mostTensor() != "HGMMA" {
		t.Errorf("warpgroup: %+v", w)
	}
}
