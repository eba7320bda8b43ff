package nccl

import (
	"strings"
	"testing"

	"udml-gpu/cgo/library"
	"udml-gpu/cgo/library/standin"
)

func TestLibrary(t *testing.T) {
	standin.Run(t, standin.Case{
		Binding: &binding, File: "libnccl.so.2", Version: library.Version{2, 18, 5},
		Variable: "UDML_EMU_NCCL_VERSION", Wrong: map[string]string{"30000": "3.0.0"},
		Other: "libcublasLt.so.12", Missing: "ncclGetVersion",
	}, testComm)
}

func TestVersionOf(t *testing.T) {
	for v, want := range map[int]string{2804: "2.8.4", 21801: "2.18.1", 23203: "2.32.3", 30000: "3.0.0"} {
		if got := versionOf(v).String(); got != want {
			t.Errorf("%d is %s, want %s", v, got, want)
		}
	}
}

// testComm: what a communicator says before all ranks have come, and the library's words for what it refuses.
func testComm(t *testing.T) {
	t.Setenv("UDML_EMU_NCCL_VERSION", "21706")
	const early = " is NCCL 2.17.6, and this program needs 2.18 or newer: name another file by " + FileVariable
	if l := find(&binding); !strings.HasSuffix(l.Problem, early) {
		t.Errorf("an early version: %+v", l)
	}
	id, err := NewID()
	if err != nil {
		t.Fatal(err)
	}
	if c, err := Begin(id, 2, 2); err == nil || c.Abort() != nil ||
		err.Error() != "ncclCommInitRankConfig failed: invalid argument: no such rank (NCCL's result 4)" {
		t.Errorf("rank 2 of 2: %v", err)
	}
	c, err := Begin(id, 2, 0)
	if err != nil {
		t.Fatal(err)
	}
	if busy, err := c.State(); !busy || err != nil {
		t.Errorf("one of two ranks is there: %v %v", busy, err)
	}
	if err := c.Exchange(nil, []Message{{Peer: 1, Bytes: 1}}); err == nil || !strings.Contains(err.Error(), "has not begun") {
		t.Errorf("an exchange before the start: %v", err)
	}
	if err := c.Add(nil, 0, 1, false); err == nil || !strings.Contains(err.Error(), "ncclAllReduce failed: invalid usage") {
		t.Errorf("a sum before the start: %v", err)
	}
	if err := c.Abort(); err != nil {
		t.Error(err)
	}
	if _, err := c.State(); err == nil {
		t.Error("a communicator that was aborted can be used")
	}
	if err := c.Exchange(nil, []Message{{Peer: 1, Bytes: 1}}); err == nil {
		t.Error("an exchange after the end")
	}
	if err := c.Add(nil, 0, 1, false); err == nil {
		t.Error("a sum after the end")
	}
}
