package parity

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"udml-gpu/kernels"
)

// EmulatedName is the name of the emulated device.
const EmulatedName = "udml emulated device"

// Emulated says that the tests' GPU is the emulated one.
func Emulated(t testing.TB) bool {
	t.Helper()
	dev := GPU(t)
	return dev != nil && dev.Info().Name == EmulatedName
}

// Again runs the tests of this program that the pattern names once more, in a process of its own with these environment
// variables added ("NAME=value"): a choice that a process makes once, such as of a library, is made anew there.
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

// remarks are the lines of a test's output other than those of a test that starts or passes.
func remarks(out []byte) string {
	var lines []string
	for line := range strings.Lines(string(out)) {
		if !strings.HasPrefix(line, "=== ") && !strings.HasPrefix(strings.TrimSpace(line), "--- PASS") {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "")
}

// insideVariable is 1 in the process in which OnStandIn runs its test.
const insideVariable = "UDML_TEST_ON_STAND_IN"

// OnStandIn runs a test of the binding of one of NVIDIA's libraries on the library's stand-in, in a process of its own with
// these environment variables added; the first must name the library's file and the second switch the library off. On a real
// GPU the test is left out.
func OnStandIn(t *testing.T, library string, variables [2]string, test func(t *testing.T, dev *kernels.Device), env ...string) {
	t.Helper()
	OnGPU(t, func(t *testing.T, dev *kernels.Device) {
		if !Emulated(t) {
			LeaveOut(t, "needs the stand-in for "+library+", which runs on the emulated device alone")
		}
		if os.Getenv(insideVariable) == "1" {
			test(t, dev)
			return
		}
		env = append(env, insideVariable+"=1", variables[0]+"="+StandIn(t, library), variables[1]+"=")
		Again(t, "^"+t.Name()+"$", env...)
	})
}

// StandIn is StandInAt for packages two folders below the root.
func StandIn(t *testing.T, library string) string {
	t.Helper()
	return StandInAt(t, filepath.Join("..", ".."), library)
}

// StandInAt builds the emulated device's stand-ins for libcudnn.so.9, libcublasLt.so.12 and libnccl.so.2 where they are not up to date,
// and returns the file of one. root is the root of the project, from the folder of the test's package, in which tests run.
func StandInAt(t *testing.T, root, library string) string {
	t.Helper()
	dir, err := filepath.Abs(filepath.Join(root, "build", "emu", "libs"))
	if err != nil {
		t.Fatal(err)
	}
	script := filepath.Join(root, "cgo", "emu", "libs", "build.sh")
	if _, err := os.Stat(script); err != nil {
		LeaveOut(t, "the sources of NVIDIA's stand-in libraries are not here")
	}
	out, err := exec.Command("bash", script, dir).CombinedOutput()
	if err != nil {
		t.Fatalf("the stand-in libraries do not build: %v\n%s", err, out)
	}
	return filepath.Join(dir, library)
}
