package main

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// parityText stands for kernels/parity: GPU calls Took, the rest comes to GPU.
const parityText = `package parity
func Took(t any, name string) {}
func GPU(t any) any { Took(t, ""); return nil }
func OnGPU(t any, f func()) { GPU(t) }
type Case struct{ Run func() }
func (c *Case) test(t any) { GPU(t) }
func Run(t any, c ...Case) { for _, c := range c { c.test(t) } }
func Near(t any) {}
`

// TestDeviceTests: each way in which a test comes to a GPU is seen, and what only looks like one is not.
func TestDeviceTests(t *testing.T) {
	const head = "import (\n\"testing\"\n\"udml-gpu/kernels/parity\"\n)\n"
	for name, c := range map[string]struct {
		text string
		want []string
	}{
		"a call":                {"package p\n" + head + "func TestA(t *testing.T) { parity.GPU(t) }", []string{"TestA"}},
		"another name":          {"package p\nimport (\n\"testing\"\nq \"udml-gpu/kernels/parity\"\n)\nfunc TestA(t *testing.T) { q.Run(t) }", []string{"TestA"}},
		"through functions":     {"package p\n" + head + "func TestA(t *testing.T) { one(t) }\nfunc one(t any) { two(t) }\nfunc two(t any) { one(t); parity.OnGPU(t, nil) }", []string{"TestA"}},
		"a function value":      {"package p\n" + head + "func TestA(t *testing.T) { t.Run(\"\", part) }\nfunc part(t *testing.T) { parity.Run(t) }", []string{"TestA"}},
		"within a function":     {"package p\n" + head + "func TestA(t *testing.T) { t.Run(\"\", func(t *testing.T) { for range 2 { parity.Run(t) } }) }", []string{"TestA"}},
		"a method":              {"package p\n" + head + "type s struct{}\nfunc (s) on(t any) { parity.GPU(t) }\nfunc TestA(t *testing.T) { s{}.on(t) }", []string{"TestA"}},
		"a table":               {"package p\n" + head + "var table = []func(any){part}\nfunc part(t any) { parity.GPU(t) }\nfunc TestA(t *testing.T) { table[0](t) }", []string{"TestA"}},
		"the package's outside": {"package p_test\n" + head + "func TestA(t *testing.T) { parity.GPU(t) }", []string{"TestA"}},
		"a package for tests":   {"package p\nimport (\n\"testing\"\n\"udml-gpu/kernels/golden\"\n)\nfunc TestA(t *testing.T) { golden.Run(t) }", []string{"TestA"}},
		"no device":             {"package p\n" + head + "func TestA(t *testing.T) { parity.Near(t) }\nfunc TestB(t *testing.T) {}", nil},
		"a local variable":      {"package p\n" + head + "func part(t any) { parity.GPU(t) }\nfunc TestA(t *testing.T) { part := 1; _ = part }", nil},
		"another's method":      {"package p\n" + head + "func Run(t any) { parity.GPU(t) }\nfunc TestA(t *testing.T) { t.Run(\"\", nil) }", nil},
		"a field":               {"package p\n" + head + "func Run(t any) { parity.GPU(t) }\nfunc TestA(t *testing.T) { _ = parity.Case{Run: nil} }", nil},
		"a benchmark":           {"package p\n" + head + "func BenchmarkA(b *testing.B) { parity.GPU(b) }\nfunc Testimony(t any) { parity.GPU(t) }", nil},
	} {
		dir := t.TempDir()
		write(t, dir, "kernels/parity/parity.go", parityText)
		write(t, dir, "kernels/golden/golden.go", "package golden\nimport \"udml-gpu/kernels/parity\"\nfunc Run(t any) { parity.OnGPU(t, nil) }")
		write(t, dir, "p/p_test.go", c.text)
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

// TestDeviceTestsOfTheTree: the tests that ran nowhere when they were chosen by name are among those of the source.
func TestDeviceTestsOfTheTree(t *testing.T) {
	tests, err := deviceTests(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	for pkg, name := range map[string]string{
		"kernels/conv": "TestOtherBackend", "kernels/gemm": "TestPrecision", "kernels/record": "TestStep", "kernels/update": "TestGoldenClip",
		"kernels/cluster": "TestGroupingIsStable", "models/backbone": "TestBGR", "engine": "TestGPUStopsAtTheStep", "cmd/udml-gpu": "TestScriptsOnGPU",
	} {
		if !slices.Contains(tests[module+"/"+pkg], name) {
			t.Errorf("%s of %s is missing among %v", name, pkg, tests[module+"/"+pkg])
		}
	}
	if slices.Contains(slices.Collect(maps.Keys(tests)), module+"/scripts/testrun") {
		t.Error("the tests of this package use no GPU")
	}
}
