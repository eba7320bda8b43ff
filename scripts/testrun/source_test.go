package main

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// parityText replaces kernels/parity: GPU calls Took, the other functions call GPU.
const parityText = `package parity
func Took(t any, name string) {}
func GPU(t any) any { Took(t, ""); return nil }
func OnGPU(t any, f func()) { GPU(t) }
type Case struct{ Run func() }
func (c *Case) test(t any) { GPU(t) }
func Run(t any, c ...Case) { for _, c := range c { c.test(t) } }
func Near(t any) {}
`

// head begins a test file, of the package itself or of its external tests.
const head = `package p_test
import (
	"testing"
	"udml-gpu/kernels/golden"
	"udml-gpu/kernels/parity"
	other "udml-gpu/kernels/parity"
)
`

// TestDeviceTests: each way in which a test can use a GPU is found, and code that only looks like one is not.
func TestDeviceTests(t *testing.T) {
	const one = "func TestA(t *testing.T) { "
	const part = "func part(t any) { parity.GPU(t) }\n"
	const run = "func Run(t any) { parity.GPU(t) }\n"
	seen := []string{"TestA"}
	for name, c := range map[string]struct {
		text string // after the imports of testing and parity
		want []string
	}{
		"a call": {one + "parity.GPU(t) }", seen},
		"through functions": {one + "first(t) }\nfunc first(t any) { second(t) }\n" +
			"func second(t any) { first(t); parity.OnGPU(t, nil) }", seen},
		"a function value":    {one + "t.Run(``, part) }\nfunc part(t *testing.T) { parity.Run(t) }", seen},
		"within a function":   {one + "t.Run(``, func(t *testing.T) { for range 2 { parity.Run(t) } }) }", seen},
		"a method":            {"type s struct{}\nfunc (s) on(t any) { parity.GPU(t) }\n" + one + "s{}.on(t) }", seen},
		"a table":             {part + "var table = []func(any){part}\n" + one + "table[0](t) }", seen},
		"a package for tests": {one + "golden.Run(t) }", seen},
		"another name":        {one + "other.OnGPU(t, nil) }", seen},
		"no device":           {one + "parity.Near(t) }\nfunc TestB(t *testing.T) {}", nil},
		"a local variable":    {part + one + "part := 1; _ = part }", nil},
		"another's method":    {run + one + "t.Run(``, nil) }", nil},
		"a field":             {run + one + "_ = parity.Case{Run: nil} }", nil},
		"a benchmark":         {"func BenchmarkA(b *testing.B) { parity.GPU(b) }\nfunc Testimony(t any) { parity.GPU(t) }", nil},
	} {
		dir := t.TempDir()
		write(t, dir, "kernels/parity/parity.go", parityText)
		write(
			t,
			dir,
			"kernels/golden/golden.go",
			"package golden\nimport \"udml-gpu/kernels/parity\"\nfunc Run(t any) { parity.OnGPU(t, nil) }",
		)
		write(t, dir, "p/p_test.go", head+c.text)
		write(t, dir, "p/testdata/no.go", "no Go")
		got, err := deviceTests(dir)
		if err != nil || !slices.Equal(got["udml-gpu/p"], c.want) || len(got) > 1 {
			t.Errorf("%s: %v, %v; want %v", name, got, err, c.want)
		}
	}
}

func write(t *testing.T, dir, name, text string) {
	t.Helper()
	file := filepath.Join(dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
}

// TestDeviceTestsOfTheTree: the tests that once never ran because they were chosen by name are found in the source.
func TestDeviceTestsOfTheTree(t *testing.T) {
	tests, err := deviceTests(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	for pkg, name := range map[string]string{
		"kernels/conv": "TestOtherBackend", "kernels/gemm": "TestPrecision", "kernels/record": "TestStep",
		"kernels/update": "TestGoldenClip", "kernels/cluster": "TestGroupingIsStable", "models/backbone": "TestBGR",
		"engine/train": "TestGPUStopsAtTheStep", "cmd/udml-gpu": "TestScriptsOnGPU",
	} {
		if !slices.Contains(tests[module+"/"+pkg], name) {
			t.Errorf("%s of %s is missing among %v", name, pkg, tests[module+"/"+pkg])
		}
	}
	if slices.Contains(slices.Collect(maps.Keys(tests)), module+"/scripts/testrun") {
		t.Error("the tests of this package use no GPU")
	}
}
