package main

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/urfave/cli/v2"

	"udml-gpu/engine/setting"
)

// notRun are the documented commands that are parsed but not run: how they begin, and why. Each must be in a document.
var notRun = []struct{ begin, why string }{
	{"make ", "builds; TestDocuments knows the targets"},
	{"python", "needs packages from PyPI; make test-files and the scripts' own heads say which"},
	{"UDML_LARGE=", "a benchmark of Go, with 100,000 rows"},
	{"UDML_BENCH_ROWS=", "a benchmark of Go, with rows that a script makes"},
	{"OMP_WAIT_POLICY=", "measures for a minute, beside PyTorch or FAISS"},
	{"tensorboard ", "a program of its own, which goes on until it is stopped"},
	{"/usr/bin/time ", "measures on a collection of 100,000 images"},
	{"udml-gpu bench", "measures for a minute"},
	{"bin/udml-gpu train --data photos/ --device cuda", "needs a GPU"},
	{"udml-gpu train --gpus ", "needs GPUs"},
	{"udml-gpu doctor --device cuda", "needs a GPU; without one it says so with exit code 5"},
	{"udml-gpu train --preset cbswr-cub ", "needs a GPU and GoogLeNet's published weights"},
	{"udml-gpu reproduce cbswr-table1 ", "needs GoogLeNet's published weights; testdata/reproduce.txtar runs one on a small set"},
	{"udml-gpu train --data mpeg7.zip ", "needs EfficientNet-Lite0's published weights"},
	{"udml-gpu train --data grocery.zip ", "measures on these photos; testdata has every method and setting on smaller sets"},
	{"udml-gpu train --data omniglot.zip ", "measures on these drawings"},
	{"PGPASSWORD=", "needs a server of PostgreSQL; make test-files has one"},
	{"mpirun ", "needs MPI; make test-mpi has five libraries"},
	{"srun ", "needs Slurm; make test-slurm has one"},
	{"udml-gpu train --data s3://", "needs a store; make test-s3 has one"},
	{"udml-gpu train --data 's3://", "needs a store; make test-s3 has one"},
	{"udml-gpu train --data csv:s3://", "needs a store; make test-s3 has one"},
	{"udml-gpu embed --data s3://", "needs a store; make test-s3 has one"},
	{"udml-gpu push ", "needs a server of PostgreSQL; make test-files has one"},
}

// exceptionOf is the entry of notRun that the command falls under, or -1.
func exceptionOf(text string) int {
	return slices.IndexFunc(notRun, func(e struct{ begin, why string }) bool { return strings.HasPrefix(text, e.begin) })
}

// checkParses fails unless a command of this program that is not run has flags, values and settings that the program takes.
func checkParses(t *testing.T, d step) {
	words := strings.Fields(strings.ReplaceAll(d.text, `"`, ""))
	at := slices.IndexFunc(words, func(w string) bool { return w == "udml-gpu" || strings.HasSuffix(w, "/udml-gpu") })
	if at < 0 {
		return
	}
	if err := parses(words[at:]); err != nil {
		t.Errorf("%s\n%v", d, err)
	}
}

// parses reads a command line as the program does, up to where its work would begin.
func parses(words []string) error {
	a := app("")
	var idle func([]*cli.Command)
	idle = func(commands []*cli.Command) {
		for _, c := range commands {
			idle(c.Subcommands)
			if len(c.Subcommands) > 0 {
				continue // its own action tells that there is no such subcommand
			}
			c.Action = func(c *cli.Context) error {
				if c.Command.Name == "reproduce" { // its preset is that of the table
					_, _, err := planTable(c, reproducible())
					return err
				}
				_, err := layers(c, setting.Table())
				return err
			}
		}
	}
	idle(a.Commands)
	return a.RunContext(context.Background(), flagsFirst(a, words))
}

// TestParses: a wrong flag, value or setting is noticed without running the command.
func TestParses(t *testing.T) {
	for text, want := range map[string]string{
		"udml-gpu train --data x --epoch 3":            "did you mean --epochs",
		"udml-gpu train --data x --epochs many":        "expected a whole number",
		"udml-gpu train --data x --backbone squeeznet": "squeeznet",
		"udml-gpu train --data x --preset cub":         "cub",
		"udml-gpu trian":                               "did you mean train",
		"udml-gpu data lst":                            "did you mean data list",
		"udml-gpu train --data x --epochs 3":           "",
		"udml-gpu push photos.udml --to postgres://h":  "",
	} {
		err := parses(strings.Fields(text))
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
}
