// Program sass disassembles the compiled kernels and holds them to rules and to the budgets of kernels/budget.tsv: stack frames, local
// memory, blocks on a multiprocessor, tensor-core instructions, instructions and branches of tile loops. It is what stands for a profiler
// without a GPU.
//
//	go run ./scripts/sass                    checks
//	go run ./scripts/sass -update            writes kernels/budget.tsv of what was compiled; the rules hold all the same
//	go run ./scripts/sass -table distance_   prints a table of the kernels whose names start so, as in docs/cuda.md, and checks
//
// It needs the compiler and the disassembler of scripts/toolchain.sh (make sass fetches them) and kernels/fatbin/kernels.fatbin.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"slices"
)

const (
	budgetFile   = "kernels/budget.tsv"
	launchesFile = "kernels/launches.tsv"
	fatbinFile   = "kernels/fatbin/kernels.fatbin"
	workDir      = "build/sass"
)

func main() {
	update := flag.Bool("update", false, "write "+budgetFile+" of what was compiled")
	table := flag.String("table", "", "print a table of the kernels whose names start with this")
	flag.Parse()
	if err := run(*update, *table); err != nil {
		for _, one := range unjoined(err) {
			fmt.Fprintln(os.Stderr, "sass:", one)
		}
		os.Exit(1)
	}
}

func run(update bool, table string) error {
	t, err := findTools("build/toolchain/env.mk")
	if err != nil {
		return err
	}
	m, err := t.module(fatbinFile, workDir)
	if err != nil {
		return err
	}
	if m.launches, err = readLaunches(launchesFile); err != nil {
		return err
	}
	if m.marks, err = readMarks("kernels"); err != nil {
		return err
	}
	broken := m.rules()
	if table != "" {
		m.printTable(os.Stdout, table)
	}
	old, err := readBudget(budgetFile)
	if err != nil && !(update && errors.Is(err, os.ErrNotExist)) {
		return err
	}
	if update {
		now, kept := m.budget(old)
		if err := now.write(budgetFile); err != nil {
			return err
		}
		fmt.Printf("sass: %s written: %d rows\n", budgetFile, len(now.rows))
		return errors.Join(append(broken, kept...)...)
	}
	over, notes := m.hold(old)
	for _, n := range notes {
		fmt.Println("sass:", n)
	}
	if err := errors.Join(append(broken, over...)...); err != nil {
		return err
	}
	fmt.Printf("sass: %d kernels for %d kinds of GPU keep the rules, %d rows of %s hold\n",
		len(m.names()), len(cards), len(old.rows), budgetFile)
	return nil
}

// unjoined is the errors that errors.Join has joined.
func unjoined(err error) []error {
	if j, ok := err.(interface{ Unwrap() []error }); ok {
		return slices.Clone(j.Unwrap())
	}
	return []error{err}
}
