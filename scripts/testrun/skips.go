package main

import (
	_ "embed"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"
)

//go:embed skips.txt
var skipsFile string

// expected is a line of skips.txt: tests that may be skipped, and their reason.
type expected struct{ variants, pkg, test, reason string }

// expectations reads skips.txt.
func expectations(text string) ([]expected, error) {
	var list []expected
	for i, line := range strings.Split(text, "\n") {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		f := strings.Fields(line)
		if len(f) < 4 {
			return nil, fmt.Errorf("skips.txt, line %d: expected VARIANTS PACKAGE TEST REASON, found %q", i+1, line)
		}
		e := expected{f[0], f[1], f[2], strings.Join(f[3:], " ")}
		for _, pattern := range []string{e.pkg, e.test} {
			if _, err := path.Match(pattern, ""); err != nil {
				return nil, fmt.Errorf("skips.txt, line %d: %q: %w", i+1, pattern, err)
			}
		}
		list = append(list, e)
	}
	return list, nil
}

// fits tells whether the line matches this test in this kind of run. A * matches anything but a slash; a field that is only *
// matches anything.
func (e *expected) fits(variant, pkg, test, reason string) bool {
	match := func(pattern, name string) bool {
		ok, err := path.Match(pattern, name)
		return pattern == "*" || ok && err == nil
	}
	return (e.variants == "*" || slices.Contains(strings.Split(e.variants, ","), variant)) &&
		match(e.pkg, strings.TrimPrefix(pkg, module+"/")) && match(e.test, test) && strings.Contains(reason, e.reason)
}

// printSkips lists the skipped tests by reason, and returns those that are not in the text of skips.txt.
func printSkips(w io.Writer, r *results, text, variant string) (unlisted []*test, err error) {
	known, err := expectations(text)
	if err != nil {
		return nil, err
	}
	byReason := map[string][]string{}
	for _, t := range r.tests {
		if t.outcome != "skip" {
			continue
		}
		why, name := t.reason(), strings.TrimPrefix(t.pkg, module+"/")+" "+t.name
		if !slices.ContainsFunc(known, func(e expected) bool { return e.fits(variant, t.pkg, t.name, why) }) {
			unlisted = append(unlisted, t)
			name += " (NOT IN skips.txt)"
		}
		byReason[why] = append(byReason[why], name)
	}
	printReasons(w, byReason)
	return unlisted, nil
}

func printReasons(w io.Writer, byReason map[string][]string) {
	var reasons []string
	for why, names := range byReason {
		reasons = append(reasons, why)
		slices.Sort(names)
	}
	slices.Sort(reasons)
	if len(reasons) == 0 {
		fmt.Fprintln(w, "skipped: none")
	}
	for _, why := range reasons {
		fmt.Fprintf(w, "skipped: %d: %s\n", len(byReason[why]), why)
		for _, name := range byReason[why] {
			fmt.Fprintln(w, "    "+name)
		}
	}
}
