package main

import (
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"udml-gpu/engine/setting"
)

// argumentsLast puts the words between a command that takes a collection and its first flag behind the flags: the cli package reads no flag
// after a word that is none.
func argumentsLast(a *cli.App, args []string) []string {
	if len(args) < 3 || !slices.ContainsFunc(a.Commands, func(c *cli.Command) bool {
		return c.Name == args[1] && c.ArgsUsage == collectionArgument
	}) {
		return args
	}
	n := 2
	for n < len(args) && !strings.HasPrefix(args[n], "-") {
		n++
	}
	return slices.Concat(args[:2], args[n:], args[2:n])
}

// collectionArgument is the ArgsUsage of commands that take a collection.
const collectionArgument = "COLLECTION"

// theCollection is the one argument of such a command.
func theCollection(c *cli.Context) (string, error) {
	switch args := c.Args().Slice(); {
	case len(args) == 0:
		return "", setting.Usage("%s needs a collection: udml-gpu %s NAME.udml", c.Command.Name, c.Command.Name)
	case len(args) > 1:
		return "", setting.Usage("%q is not expected here: %s takes one collection, before or behind all flags", args[1], c.Command.Name)
	default:
		return args[0], nil
	}
}
