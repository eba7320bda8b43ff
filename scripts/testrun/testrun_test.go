package main

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
)

// log makes the output of go test -json: "run NAME", "attr NAME KEY VALUE", "say NAME TEXT", "pass NAME" and so on, in package p.
func log(t *testing.T, lines ...string) *results {
	t.Helper()
	var b strings.Builder
	for _, line := range lines {
		f := strings.SplitN(line, " ", 4)
		for len(f) < 4 {
			f = append(f, "")
		}
		switch f[0] {
		case "attr":
			fmt.Fprintf(&b, `{"Action":"attr","Package":"udml-gpu/p","Test":%q,"Key":%q,"Value":%q}`+"\n", f[1], f[2], f[3])
		case "say":
			fmt.Fprintf(
				&b,
				`{"Action":"output","Package":"udml-gpu/p","Test":%q,"Output":%q}`+"\n",
				f[1],
				strings.TrimSpace(f[2]+" "+f[3])+"\n",
			)
		default:
			fmt.Fprintf(&b, `{"Action":%q,"Package":"udml-gpu/p","Test":%q}`+"\n", f[0], f[1])
		}
	}
	var said bytes.Buffer
	r, err := readEvents(strings.NewReader(b.String()), &said)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestCompareDevices: a device test that was skipped, left out, did not end, ran none of its cases, or is not known to be one is
// noticed and named.
func TestCompareDevices(t *testing.T) {
	onGPU := []string{"run TestA", "attr TestA device gpu", "pass TestA"}
	for name, c := range map[string]struct {
		lines  []string
		counts string
		want   string // of the error
	}{
		"ran": {onGPU, "1 of 1 in the source ran on gpu; 0 left out with a reason above, 0 did not run", ""},
		"in a part": {
			[]string{"run TestA", "run TestA/x", "attr TestA/x device gpu", "pass TestA/x", "pass TestA"},
			"1 of 1",
			"",
		},
		"a part was skipped":  {append([]string{"run TestA/x", "attr TestA/x device gpu", "skip TestA/x"}, onGPU...), "1 of 1", ""},
		"left out of the run": {[]string{"run TestB", "pass TestB"}, "0 of 1", "device test that did not run: udml-gpu/p TestA"},
		"no device":           {[]string{"run TestA", "pass TestA"}, "0 of 1", "did not run: udml-gpu/p TestA"},
		"skipped before":      {[]string{"run TestA", "skip TestA"}, "0 of 1", "did not run: udml-gpu/p TestA"},
		"skipped with reason": {
			[]string{"run TestA", "attr TestA device gpu", "skip TestA"},
			"0 of 1 in the source ran on ; 1 left out",
			"",
		},
		"all parts skipped": {
			[]string{"run TestA/x", "attr TestA/x device gpu", "skip TestA/x", "pass TestA"},
			"0 of 1",
			"did not run: udml-gpu/p TestA",
		},
		"no case ran":    {append([]string{"attr TestA cases 0 of 3"}, onGPU...), "0 of 1", "did not run: udml-gpu/p TestA"},
		"some cases ran": {append([]string{"attr TestA cases 0 of 3", "attr TestA cases 1 of 1"}, onGPU...), "1 of 1", ""},
		"unknown": {
			append([]string{"attr TestB device gpu", "pass TestB"}, onGPU...), "1 of 1",
			"udml-gpu/p TestB used a device",
		},
		"nothing ran": {nil, "0 of 1", "did not run: udml-gpu/p TestA"},
	} {
		var w bytes.Buffer
		err := compareDevices(&w, log(t, c.lines...), map[string][]string{"udml-gpu/p": {"TestA"}})
		if !strings.Contains(w.String(), "device tests: "+c.counts) {
			t.Errorf("%s: it says %q", name, w.String())
		}
		if got := fmt.Sprint(err); c.want == "" && err != nil || !strings.Contains(got, c.want) {
			t.Errorf("%s: error %v, want %q", name, err, c.want)
		}
	}
	if err := compareDevices(&bytes.Buffer{}, log(t, onGPU...), nil); err == nil {
		t.Error("a source without device tests is taken")
	}
}

// TestSkips: skipped tests are listed by reason, and one that no line matches is marked and counted.
func TestSkips(t *testing.T) {
	text := "# why\nplain,gpu p TestA/* no gizmo on this\n* q * anything\n"
	lines := []string{
		"run TestA", "run TestA/x",
		"say TestA/x     a_test.go:12: no gizmo on this machine", "say TestA/x --- SKIP: TestA/x (0.00s)", "skip TestA/x", "pass TestA",
		"run TestB", "say TestB b_test.go:1: no gizmo on this machine", "skip TestB", "run TestC", "pass TestC",
	}
	var w bytes.Buffer
	n, err := printSkips(&w, log(t, lines...), text, "plain")
	want := "skipped: 2: no gizmo on this machine\n    p TestA/x\n    p TestB (NOT IN skips.txt)\n"
	if len(n) != 1 || err != nil || w.String() != want {
		t.Errorf("%v, %v: %q", n, err, w.String())
	}
	if n, _ := printSkips(&w, log(t, lines...), text, "nocgo"); len(n) != 2 {
		t.Errorf("in another kind of run %d are not listed", len(n))
	}
	if _, err := printSkips(&w, log(t), "plain p TestA\n", "plain"); err == nil || !strings.Contains(err.Error(), "line 1") {
		t.Errorf("a line without a reason: %v", err)
	}
}

// TestUsesDevice: a part of a device test is a device test too.
func TestUsesDevice(t *testing.T) {
	r := log(t, "run TestA", "attr TestA device gpu", "run TestA/x", "skip TestA/x", "pass TestA", "run TestB", "skip TestB")
	for name, want := range map[string]bool{"TestA": true, "TestA/x": true, "TestB": false} {
		if got := r.usesDevice(r.of("udml-gpu/p", name)); got != want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// TestSkipsFile: the embedded file is valid.
func TestSkipsFile(t *testing.T) {
	if _, err := expectations(skipsFile); err != nil {
		t.Error(err)
	}
}

// TestVerdict: the output of a failed package, including its failed and unfinished tests, is shown, and the result is an error.
func TestVerdict(t *testing.T) {
	text := `{"Action":"output","Package":"udml-gpu/p","Test":"TestA","Output":"    a_test.go:1: wrong\n"}
{"Action":"fail","Package":"udml-gpu/p","Test":"TestA"}
{"Action":"output","Package":"udml-gpu/p","Test":"TestB","Output":"fine\n"}
{"Action":"pass","Package":"udml-gpu/p","Test":"TestB"}
{"Action":"output","Package":"udml-gpu/p","Test":"TestC","Output":"panic: test timed out\n"}
{"Action":"output","Package":"udml-gpu/p","Output":"FAIL\tudml-gpu/p\t1s\n"}
{"Action":"fail","Package":"udml-gpu/p"}
`
	var w bytes.Buffer
	r, err := readEvents(strings.NewReader(text), &w)
	if err != nil || r.verdict() == nil || !strings.Contains(r.verdict().Error(), "udml-gpu/p") {
		t.Errorf("%v, %v", err, r.verdict())
	}
	if said := w.String(); !strings.Contains(said, "wrong") || !strings.Contains(said, "timed out") || strings.Contains(said, "fine") {
		t.Errorf("it says %q", said)
	}
	if log(t).verdict() == nil {
		t.Error("no test at all is taken for a success")
	}
}
