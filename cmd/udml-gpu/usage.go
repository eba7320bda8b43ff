package main

import (
	"regexp"

	"github.com/urfave/cli/v2"

	"udml-gpu/engine/setting"
)

// The messages of the flag package about a wrong command line.
var (
	badValue    = regexp.MustCompile(`^invalid (?:boolean )?value (".*") for (?:flag )?-(\S+): (?s:.*)$`)
	badVariable = regexp.MustCompile(`^could not parse (".*") as \w+ value from environment variable "(\w+)" for flag (\S+?):(?s:.*)$`)
	unknownFlag = regexp.MustCompile(`^flag provided but not defined: -(\S+)$`)
	noValue     = regexp.MustCompile(`^flag needs an argument: -(\S+)$`)
)

// usageError turns a flag error of the cli package into one sentence that names the flag, with exit code 2.
func usageError(c *cli.Context, err error, _ bool) error {
	text := err.Error()
	if m := badValue.FindStringSubmatch(text); m != nil {
		return setting.Usage("--%s %s does not fit: expected %s", m[2], m[1], expected(c, m[2]))
	}
	if m := badVariable.FindStringSubmatch(text); m != nil {
		return setting.Usage("%s=%s does not fit --%s: expected %s", m[2], m[1], m[3], expected(c, m[3]))
	}
	if m := unknownFlag.FindStringSubmatch(text); m != nil {
		if near := setting.Nearest(m[1], flagNames(c)); near != "" {
			return setting.Usage("--%s is not known here; did you mean --%s? See --help", m[1], near)
		}
		return setting.Usage("--%s is not known here; see --help", m[1])
	}
	if m := noValue.FindStringSubmatch(text); m != nil {
		return setting.Usage("--%s needs a value: expected %s", m[1], expected(c, m[1]))
	}
	return setting.Usage("%s; see --help", text)
}

// flagNames are the names of the command's flags.
func flagNames(c *cli.Context) []string {
	var names []string
	if c != nil && c.Command != nil {
		for _, f := range c.Command.Flags {
			names = append(names, f.Names()[0])
		}
	}
	return names
}

// expected is the kind of value that the flag of that name takes.
func expected(c *cli.Context, name string) string {
	var flags []cli.Flag
	if c != nil && c.Command != nil {
		flags = c.Command.Flags
	}
	for _, f := range flags {
		if f.Names()[0] != name {
			continue
		}
		switch f.(type) {
		case *cli.IntFlag:
			return "a whole number"
		case *cli.Uint64Flag:
			return "a whole number of at least 0"
		case *cli.Float64Flag:
			return "a number"
		case *cli.BoolFlag:
			return "true or false"
		}
	}
	return "a value"
}
