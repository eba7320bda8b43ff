package main

import (
	"fmt"
	"path/filepath"
	"slices"
	"testing"
)

func TestBudgetHolds(t *testing.T) {
	m := compiled(t).keep("tile_right", "tile_branches", "tile_plain", "warpgroup")
	file := filepath.Join(t.TempDir(), "budget.tsv")
	made, kept := m.budget(budget{})
	wantSaid(t, said(kept))
	if err := made.write(file); err != nil {
		t.Fatal(err)
	}
	b, err := readBudget(file)
	if err != nil {
		t.Fatal(err)
	}
	if len(b.rows) != 4+4+3 { // warpgroup has products for all but sm_80
		t.Errorf("%d rows: %+v", len(b.rows), b.rows)
	}
	over, notes := m.hold(b)
	wantSaid(t, said(over))
	wantSaid(t, said(notes))
}

func TestBudgetCatchesWorseKernels(t *testing.T) {
	m := compiled(t).keep("tile_right", "tile_branches", "tile_plain", "warpgroup")
	b, _ := m.budget(budget{})
	for n := range columns {
		tight := budget{compiler: b.compiler, rows: []row{*b.find("tile_branches", "sm_80")}}
		if tight.rows[0].most[n] == 0 {
			continue
		}
		tight.rows[0].most[n]--
		over, _ := m.keep("tile_branches").hold(tight)
		wantSaid(t, said(over), fmt.Sprintf("tile_branches for sm_80 has %d %s; kernels/budget.tsv allows %d",
			tight.rows[0].most[n]+1, columns[n].words, tight.rows[0].most[n]))
	}
	m = compiled(t).keep("tile_right", "tile_plain")
	blocks := budget{compiler: b.compiler, rows: []row{*b.find("tile_right", "sm_80")}}
	blocks.rows[0].blocks = []int{16, 13, 12}
	over, _ := m.hold(blocks)
	wantSaid(t, said(over),
		"tile_right for sm_80 runs in 12 blocks on a multiprocessor of compute capability 8.6; kernels/budget.tsv asks for 13",
		"tile_right for sm_90a has tensor-core instructions and no row in kernels/budget.tsv")
}

func TestBudgetCatchesLostProducts(t *testing.T) {
	m := compiled(t).keep("tile_plain")
	wanted := row{kernel: "tile_plain", code: "sm_80", tensor: "HMMA", blocks: []int{1, 1, 1}}
	over, _ := m.hold(budget{compiler: m.compiler, rows: []row{wanted}})
	wantSaid(t, said(over), "tile_plain for sm_80 has no HMMA instruction, which kernels/budget.tsv says it has")
	now, kept := m.budget(budget{rows: []row{wanted}})
	wantSaid(t, said(kept), "tile_plain for sm_80 has no HMMA any more; its row of kernels/budget.tsv stays")
	if len(now.rows) != 1 {
		t.Errorf("the row was not kept: %+v", now.rows)
	}
	over, _ = m.hold(budget{compiler: "another", rows: nil})
	wantSaid(t, said(over), `kernels/budget.tsv holds figures of the compiler "another", and this is "the test's"`)
	over, _ = m.hold(budget{compiler: m.compiler, rows: []row{{kernel: "gone"}}})
	wantSaid(t, said(over), "kernels/budget.tsv has a row of gone, which is no kernel")
}

func TestBudgetSaysWhatIsBetter(t *testing.T) {
	m := compiled(t).keep("tile_right")
	b, _ := m.budget(budget{})
	r := b.find("tile_right", "sm_90a")
	loops := slices.IndexFunc(columns[:], func(c struct{ name, words string }) bool { return c.name == "loop" })
	r.most[loops] *= 2
	over, notes := m.hold(b)
	wantSaid(t, said(over))
	wantSaid(t, said(notes),
		fmt.Sprintf("tile_right for sm_90a has %d instructions in the tile loop, its budget is %d", r.most[loops]/2, r.most[loops]),
		"1 kernels are better than their budget: make sass-update tightens it")
}
