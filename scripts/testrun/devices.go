package main

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// onDevice are the tests that used a device and were not skipped, by package and name up to a slash, and the
// devices' names. A test counts even if some of its parts were skipped.
func (r *results) onDevice() (ran map[[2]string]bool, devices []string) {
	ran = map[[2]string]bool{}
	for _, t := range r.tests {
		if t.device == "" {
			continue
		}
		name, _, _ := strings.Cut(t.name, "/")
		whole := r.of(t.pkg, name)
		if t.outcome == "skip" || whole.outcome == "skip" || whole.of > 0 && whole.ran == 0 {
			continue
		}
		ran[[2]string{t.pkg, name}] = true
		if !slices.Contains(devices, t.device) {
			devices = append(devices, t.device)
		}
	}
	slices.Sort(devices)
	return ran, devices
}

// usesDevice tells whether the test, or the one that it is a part of, used a device.
func (r *results) usesDevice(t *test) bool {
	name, _, _ := strings.Cut(t.name, "/")
	return t.device != "" || r.of(t.pkg, name).device != ""
}

// stated tells whether a device test was skipped as a whole with a reason, which printSkips has listed.
func (r *results) stated(pkg, name string) bool {
	t := r.index[[2]string{pkg, name}]
	return t != nil && t.outcome == "skip" && t.device != ""
}

// compareDevices prints how many device tests ran, out of those in the source, and names those that did not, and those that the
// source does not show to be device tests.
func compareDevices(w io.Writer, r *results, wanted map[string][]string) error {
	ran, devices := r.onDevice()
	total, out, missing := 0, 0, []string{}
	for _, pkg := range slices.Sorted(maps.Keys(wanted)) {
		for _, name := range wanted[pkg] {
			total++
			key := [2]string{pkg, name}
			switch {
			case ran[key]:
				delete(ran, key)
			case r.stated(pkg, name):
				out++
			default:
				missing = append(missing, pkg+" "+name)
			}
		}
	}
	var errs []error
	for _, name := range missing {
		errs = append(errs, fmt.Errorf("device test that did not run: %s", name))
	}
	for key := range ran {
		errs = append(errs, fmt.Errorf("%s %s used a device, and deviceTests of scripts/testrun does not find it", key[0], key[1]))
	}
	printCases(w, r)
	fmt.Fprintf(w, "device tests: %d of %d in the source ran on %s; %d left out with a reason above, %d did not run\n",
		total-out-len(missing), total, strings.Join(devices, " and "), out, len(missing))
	if total == 0 {
		errs = append(errs, errors.New("the source holds no device test: is this the folder of go.mod?"))
	}
	return errors.Join(errs...)
}

// printCases lists the tests whose large cases were left out.
func printCases(w io.Writer, r *results) {
	first := true
	for _, t := range r.tests {
		if t.ran == t.of {
			continue
		}
		if first {
			fmt.Fprintln(w, "large cases left out (UDML_PARITY_SMALL is 1; the pass over all cases runs them):")
			first = false
		}
		fmt.Fprintf(w, "    %s %s: %d of %d ran\n", strings.TrimPrefix(t.pkg, module+"/"), t.name, t.ran, t.of)
	}
}
