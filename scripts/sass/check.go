package main

import (
	"fmt"
	"maps"
	"slices"
)

// bound is how far below its budget a figure may be before it is said: a twentieth of it.
const bound = 20

// shipped are the machine codes in the fatbin; the others are what a driver would make of its PTX.
var shipped = []string{"sm_80", "sm_90a"}

// rules are what every kernel has to keep, whatever its budget.
func (m *module) rules() []error {
	var wrong []error
	fail := func(format string, a ...any) { wrong = append(wrong, fmt.Errorf(format, a...)) }
	names := m.names()
	for _, code := range codes() {
		for _, kernel := range names {
			f, ok := m.figures[code][kernel]
			switch {
			case !ok:
				fail("%s is missing for %s", kernel, code)
			case m.marks.stack[kernel] || len(f.tensor) > 0 && !slices.Contains(shipped, code): // the budget has a figure for it
			case f.stack+f.local > 0:
				fail("%s for %s has a stack frame of %d bytes a thread and %d bytes of local memory; none is allowed "+
					"without KERNEL_STACK_ALLOWED(%s)", kernel, code, f.stack, f.local, kernel)
			case f.memory > 0:
				fail("%s for %s loads and stores local memory in %d instructions: registers are spilled, or an array of a thread is "+
					"indexed by a variable; none is allowed without KERNEL_STACK_ALLOWED(%s)", kernel, code, f.memory, kernel)
			}
		}
	}
	wrong = append(wrong, m.wgmmaRules(names)...)
	return append(wrong, m.launchRules(names)...)
}

// wgmmaRules: a kernel marked KERNEL_WGMMA multiplies by warpgroups where the GPU can.
func (m *module) wgmmaRules(names []string) []error {
	var wrong []error
	for _, kernel := range slices.Sorted(maps.Keys(m.marks.wgmma)) {
		if !slices.Contains(names, kernel) {
			wrong = append(wrong, fmt.Errorf("KERNEL_WGMMA(%s) marks no kernel", kernel))
		} else if m.figures["sm_90a"][kernel].tensor["HGMMA"] == 0 {
			wrong = append(wrong, fmt.Errorf("%s is marked KERNEL_WGMMA and has no HGMMA instruction for sm_90a", kernel))
		}
	}
	return wrong
}

// launchRules: what is launched is possible, and as many blocks fit a multiprocessor as KERNEL_BOUNDS asks for. Where shared memory leaves
// place for fewer, on cards that have little of it, the budget says how many.
func (m *module) launchRules(names []string) []error {
	var wrong []error
	for _, kernel := range slices.Sorted(maps.Keys(m.launches)) {
		if !slices.Contains(names, kernel) {
			wrong = append(wrong, fmt.Errorf("%s names %s, which is no kernel", launchesFile, kernel))
		}
	}
	for _, kernel := range names {
		l, b := m.launch(kernel), m.bounds[kernel]
		if b.threads > 0 && l.threads > b.threads {
			wrong = append(wrong, fmt.Errorf("%s is launched with %d threads by %s and bound to %d",
				kernel, l.threads, launchesFile, b.threads))
		}
		for _, c := range cards {
			if m.marks.wgmma[kernel] && c.name != "9.0" {
				continue // it is not launched there
			}
			least := 1
			if c.name == "9.0" || l.shared == 0 {
				least = m.wantedOn(c, kernel)
			}
			if got := m.blocksOn(c, kernel); got < least {
				wrong = append(wrong, fmt.Errorf("%s runs in %d blocks on a multiprocessor of compute capability %s, and %d are wanted "+
					"(%d threads, %d registers, %d bytes of shared memory)", kernel, got, c.name, least, l.threads,
					m.figures[c.code][kernel].registers, m.figures[c.code][kernel].shared+l.shared))
			}
		}
	}
	return wrong
}

// row is what the kernel takes for that machine code.
func (m *module) row(kernel, code string) row {
	f := m.figures[code][kernel]
	r := row{kernel: kernel, code: code, tensor: f.mostTensor()}
	r.most = [len(columns)]int{
		f.registers, f.shared + m.launch(kernel).shared, f.stack + f.local, f.memory, f.products, f.loop, f.step, f.branches, f.divergent,
	}
	for _, c := range cardsOf(code) {
		r.blocks = append(r.blocks, m.blocksOn(c, kernel))
	}
	return r
}

// mostTensor is the tensor-core instruction that the kernel has most of, "" if it has none.
func (f figures) mostTensor() string {
	best := ""
	for _, op := range slices.Sorted(maps.Keys(f.tensor)) {
		if best == "" || f.tensor[op] > f.tensor[best] {
			best = op
		}
	}
	return best
}

// budget is the budget of what was compiled. A row whose tensor-core instructions are gone is kept as it was, and is an error.
func (m *module) budget(old budget) (budget, []error) {
	now := budget{compiler: m.compiler}
	var kept []error
	for _, kernel := range m.names() {
		for _, code := range codes() {
			r := m.row(kernel, code)
			before := old.find(kernel, code)
			switch {
			case before != nil && m.figures[code][kernel].tensor[before.tensor] == 0 && r.tensor != "HGMMA":
				kept = append(kept, fmt.Errorf("%s for %s has no %s any more; its row of %s stays: remove the row if that is meant",
					kernel, code, before.tensor, budgetFile))
				now.rows = append(now.rows, *before)
			case r.tensor != "":
				now.rows = append(now.rows, r)
			}
		}
	}
	return now, kept
}

// hold compares what was compiled with the budget. notes say what is better than its budget by a twentieth or more.
func (m *module) hold(b budget) (over []error, notes []string) {
	if b.compiler != m.compiler {
		return []error{fmt.Errorf("%s holds figures of the compiler %q, and this is %q: make sass-update writes those of this one",
			budgetFile, b.compiler, m.compiler)}, nil
	}
	names := m.names()
	for _, r := range b.rows {
		if !slices.Contains(names, r.kernel) {
			over = append(over, fmt.Errorf("%s has a row of %s, which is no kernel: make sass-update removes it", budgetFile, r.kernel))
		}
	}
	better := map[string]bool{}
	for _, kernel := range names {
		for _, code := range codes() {
			now, limit := m.row(kernel, code), b.find(kernel, code)
			switch {
			case limit == nil && now.tensor != "":
				over = append(over, fmt.Errorf("%s for %s has tensor-core instructions and no row in %s: make sass-update adds it",
					kernel, code, budgetFile))
			case limit != nil:
				wrong, said := m.compare(now, *limit)
				over = append(over, wrong...)
				better[kernel] = better[kernel] || len(said) > 0
				notes = append(notes, said...)
			}
		}
	}
	if len(notes) > 0 {
		notes = append(notes, fmt.Sprintf("%d kernels are better than their budget: make sass-update tightens it", len(better)))
	}
	return over, notes
}

// compare holds a kernel against its row.
func (m *module) compare(now, limit row) (over []error, notes []string) {
	who := now.kernel + " for " + now.code
	if m.figures[now.code][now.kernel].tensor[limit.tensor] == 0 {
		return []error{fmt.Errorf("%s has no %s instruction, which %s says it has", who, limit.tensor, budgetFile)}, nil
	}
	if m.figures[now.code][now.kernel].products == 0 {
		return []error{fmt.Errorf("%s has no tensor-core instruction in a loop", who)}, nil
	}
	for n, c := range cardsOf(now.code) {
		if now.blocks[n] < limit.blocks[n] {
			over = append(over, fmt.Errorf("%s runs in %d blocks on a multiprocessor of compute capability %s; %s asks for %d",
				who, now.blocks[n], c.name, budgetFile, limit.blocks[n]))
		}
	}
	for n, c := range columns {
		got, most := now.most[n], limit.most[n]
		switch {
		case got > most:
			over = append(over, fmt.Errorf("%s has %d %s; %s allows %d (make sass-update accepts what was compiled)",
				who, got, c.words, budgetFile, most))
		case got*bound <= most*(bound-1) && got < most:
			notes = append(notes, fmt.Sprintf("%s has %d %s, its budget is %d", who, got, c.words, most))
		}
	}
	return over, notes
}
