package parity

import (
	"fmt"
	"os"
	"sync"
	"testing"
)

// Attributes that a test leaves in the log of `go test -json`, for scripts/testrun, which holds the device tests that ran
// against those in the source.
const (
	deviceAttribute = "device" // the GPU that the test took, by name
	casesAttribute  = "cases"  // "12 of 30": how many of its cases ran, where large ones were left out
)

// taken and leftOut hold names of tests that run now.
var taken, leftOut sync.Map

// Took notes that the test uses a GPU, which device names. GPU does so itself; only a test whose GPU is used by another
// process calls it. Where a GPU is required such a test fails when it is skipped, unless LeaveOut skips it.
func Took(t testing.TB, device string) {
	t.Helper()
	note(t, device, Required())
}

func note(t testing.TB, device string, required bool) {
	t.Helper()
	if _, known := taken.LoadOrStore(t.Name(), true); known {
		return
	}
	t.Attr(deviceAttribute, device)
	t.Cleanup(func() {
		taken.Delete(t.Name())
		if _, stated := leftOut.LoadAndDelete(t.Name()); t.Skipped() && !stated && required {
			t.Error("a test on a GPU was skipped, though REQUIRE_CUDA is 1")
		}
	})
}

// LeaveOut skips a test that this GPU cannot run, or not in reasonable time, and says why. scripts/testrun lists it, and
// refuses it where skips.txt does not name it.
func LeaveOut(t testing.TB, why string) {
	t.Helper()
	leftOut.Store(t.Name(), true)
	t.Skip(why)
}

// Whole leaves out a test that is large as a whole where only small cases are wanted.
func Whole(t testing.TB) {
	t.Helper()
	if GPU(t) != nil && small() {
		LeaveOut(t, "is large as a whole, and UDML_PARITY_SMALL is 1")
	}
}

// Graphs leaves out a test of CUDA graphs where UDML_SYNC=1, which waits for every kernel, lets none be captured.
func Graphs(t testing.TB) {
	t.Helper()
	if os.Getenv("UDML_SYNC") == "1" {
		LeaveOut(t, "captures a CUDA graph, and UDML_SYNC is 1")
	}
}

// tookCases notes how many cases of a test ran where only small ones are wanted.
func tookCases(t testing.TB, ran, of int) {
	if small() {
		t.Attr(casesAttribute, fmt.Sprint(ran, " of ", of))
	}
}
