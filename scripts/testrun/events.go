package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
)

// event is a line of `go test -json`.
type event struct {
	Action, Package, Test, Output, Key, Value string
}

// test is the result of one test, or of one part of a test (a name with slashes).
type test struct {
	pkg, name string
	outcome   string // pass, fail, skip; "": it did not end
	said      []string
	device    string // the device used, reported by kernels/parity
	ran, of   int    // of its cases; 0 and 0: all
}

// results are the results of all tests, in the order in which they began.
type results struct {
	tests  []*test
	index  map[[2]string]*test
	failed []string // packages
}

// readEvents reads r to its end, and prints to w a line for each package and the output of failed tests.
func readEvents(r io.Reader, w io.Writer) (*results, error) {
	all := &results{index: map[[2]string]*test{}}
	s := bufio.NewScanner(r)
	s.Buffer(nil, 64<<20) // a line holds one line of a test's output
	for s.Scan() {
		var e event
		if err := json.Unmarshal(s.Bytes(), &e); err != nil {
			fmt.Fprintln(w, s.Text()) // a message of go itself
			continue
		}
		all.add(e, w)
	}
	return all, s.Err()
}

func (r *results) add(e event, w io.Writer) {
	switch {
	case e.Action == "build-output":
		fmt.Fprint(w, e.Output)
	case e.Package == "":
	case e.Test == "":
		r.addPackage(e, w)
	default:
		r.of(e.Package, e.Test).add(e)
	}
}

func (r *results) of(pkg, name string) *test {
	key := [2]string{pkg, name}
	if r.index[key] == nil {
		r.index[key] = &test{pkg: pkg, name: name}
		r.tests = append(r.tests, r.index[key])
	}
	return r.index[key]
}

// addPackage prints the result of a package, and the output of its tests when it failed.
func (r *results) addPackage(e event, w io.Writer) {
	switch e.Action {
	case "output":
		if e.Output != "PASS\n" {
			fmt.Fprint(w, e.Output)
		}
	case "fail":
		r.failed = append(r.failed, e.Package)
		for _, t := range r.tests {
			if t.pkg == e.Package && t.outcome != "pass" && t.outcome != "skip" {
				fmt.Fprint(w, strings.Join(t.said, ""))
			}
		}
	}
}

func (t *test) add(e event) {
	switch e.Action {
	case "pass", "fail", "skip":
		t.outcome = e.Action
		if e.Action == "pass" {
			t.said = nil
		}
	case "output":
		if !strings.HasPrefix(e.Output, "=== ") {
			t.said = append(t.said, e.Output)
		}
	case "attr":
		t.addAttribute(e.Key, e.Value)
	}
}

func (t *test) addAttribute(key, value string) {
	switch key {
	case "device":
		t.device = value
	case "cases":
		var ran, of int
		if _, err := fmt.Sscanf(value, "%d of %d", &ran, &of); err == nil {
			t.ran, t.of = t.ran+ran, t.of+of
		}
	}
}

// verdict is an error where a package failed, or where nothing was tested.
func (r *results) verdict() error {
	if len(r.failed) > 0 {
		slices.Sort(r.failed)
		return fmt.Errorf("%d packages failed: %s", len(r.failed), strings.Join(r.failed, ", "))
	}
	if len(r.tests) == 0 {
		return errors.New("no test ran")
	}
	return nil
}

// place is the prefix of go test before a test's output: file.go:12.
var place = regexp.MustCompile(`^[^ ]+\.go:[0-9]+: `)

// reason is the last output of a skipped test: why it was skipped.
func (t *test) reason() string {
	var why string
	for _, line := range t.said {
		line = strings.TrimSpace(line)
		if line != "" && !strings.HasPrefix(line, "--- SKIP") {
			why = place.ReplaceAllString(line, "")
		}
	}
	return why
}
