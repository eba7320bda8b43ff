package main

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"udml-gpu/engine/method"
	"udml-gpu/engine/setting"
	"udml-gpu/engine/setting/table"
)

// settingsOf are the settings with these groups or keys.
func settingsOf(names ...string) []table.Row {
	return slices.DeleteFunc(setting.Table(), func(r table.Row) bool {
		return !slices.Contains(names, r.Group) && !slices.Contains(names, r.Key)
	})
}

// flagsOf are the settings as flags. If a method is chosen, settings that it does not have are left out of --help.
func flagsOf(rows []table.Row, chosen string) []cli.Flag {
	var flags []cli.Flag
	for _, r := range rows {
		switch {
		case chosen != "":
			flags = append(flags, flagOf(r, !r.UsedBy(chosen)))
		case r.Methods != nil && len(r.Methods) < len(method.Names()):
			r.Help += fmt.Sprintf(" (only with --method %s)", strings.Join(r.Methods, ", "))
			flags = append(flags, flagOf(r, false))
		default:
			flags = append(flags, flagOf(r, false))
		}
	}
	return flags
}

// flagOf is a setting as a flag.
func flagOf(r table.Row, hidden bool) cli.Flag {
	switch v := r.Default.(type) {
	case int:
		f := &cli.IntFlag{Name: r.Key, Category: r.Group, Usage: r.Help, EnvVars: env(r.Key), Hidden: hidden, Value: v}
		if r.Key == "workers" { // so that help and manual do not depend on the machine
			f.DefaultText = "the number of cores"
		}
		return f
	case uint64:
		return &cli.Uint64Flag{Name: r.Key, Category: r.Group, Usage: r.Help, EnvVars: env(r.Key), Hidden: hidden, Value: v}
	case float64:
		return &cli.Float64Flag{Name: r.Key, Category: r.Group, Usage: r.Help, EnvVars: env(r.Key), Hidden: hidden, Value: v}
	case bool:
		return &cli.BoolFlag{Name: r.Key, Category: r.Group, Usage: r.Help, EnvVars: env(r.Key), Hidden: hidden, Value: v}
	case string:
		if r.Bare {
			return &cli.GenericFlag{
				Name: r.Key, Category: r.Group, Usage: r.Help, EnvVars: env(r.Key), Hidden: hidden, Value: &bareText{value: v},
			}
		}
		return &cli.StringFlag{Name: r.Key, Category: r.Group, Usage: r.Help, EnvVars: env(r.Key), Hidden: hidden, Value: v}
	}
	panic(fmt.Sprintf("setting %s: there is no flag for a %T", r.Key, r.Default))
}

// given is the setting's value from the command line or the environment.
func given(c *cli.Context, r table.Row) any {
	switch r.Default.(type) {
	case int:
		return c.Int(r.Key)
	case uint64:
		return c.Uint64(r.Key)
	case float64:
		return c.Float64(r.Key)
	case bool:
		return c.Bool(r.Key)
	}
	if r.Bare {
		return c.Generic(r.Key).(*bareText).value
	}
	return c.String(r.Key)
}

// bareText is the value of a flag that may be given without a value, which means "true".
type bareText struct{ value string }

func (t *bareText) Set(s string) error { t.value = s; return nil }
func (t *bareText) String() string     { return t.value }
func (t *bareText) Get() any           { return t.value }
func (t *bareText) IsBoolFlag() bool   { return true }

// chosenMethod is the method that the command line or, failing that, the environment names; "" where neither does. It is for
// --help, which is printed before flags are read.
func chosenMethod(args []string) string {
	name := os.Getenv(table.Variable("method"))
	for i, word := range args {
		flag, value, ok := strings.Cut(word, "=")
		if !strings.HasPrefix(flag, "-") || strings.TrimLeft(flag, "-") != "method" {
			continue
		}
		if !ok && i+1 < len(args) {
			value = args[i+1]
		}
		name = value
	}
	if !slices.Contains(method.Names(), name) {
		return ""
	}
	return name
}
