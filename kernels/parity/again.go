package parity

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Emulated says that the tests' GPU is the emulated one.
func Emulated(t testing.TB) bool {
	t.Helper()
	dev := GPU(t)
	return dev != nil && dev.Info().Name == "udml emulated device"
}

// Again runs the tests of this program that the pattern names once more, in a process of its own with these environment
// variables added ("NAME=value"): what is chosen once in a process, such as a library, is chosen anew there.
func Again(t *testing.T, pattern string, env ...string) {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run="+pattern, "-test.v")
	cmd.Env = append(os.Environ(), env...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("with %v: %v\n%s", env, err, remarks(out))
	}
	if !bytes.Contains(out, []byte("--- PASS: Test")) || bytes.Contains(out, []byte("--- SKIP: ")) {
		t.Fatalf("with %v, tests were left out:\n%s", env, remarks(out))
	}
}

// remarks are the lines of a test's output that tell more than that a test starts or passes.
func remarks(out []byte) string {
	var lines []string
	for line := range strings.Lines(string(out)) {
		if !strings.HasPrefix(line, "=== ") && !strings.HasPrefix(strings.TrimSpace(line), "--- PASS") {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "")
}

// StandIns builds the emulated device's libcudnn.so.9 and libcublasLt.so.12, and returns their folder. Without a C++
// compiler the test is left out. Tests run in the folder of their package, two below the root.
func StandIns(t *testing.T) string {
	t.Helper()
	if _, err := exec.LookPath("g++"); err != nil {
		t.Skip("no g++ to build the stand-in libraries with")
	}
	dir := t.TempDir()
	out, err := exec.Command("bash", filepath.Join("..", "..", "kernels", "emu", "libs", "build.sh"), dir).CombinedOutput()
	if err != nil {
		t.Fatalf("the stand-in libraries do not build: %v\n%s", err, out)
	}
	return dir
}
