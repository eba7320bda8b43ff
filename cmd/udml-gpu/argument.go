package main

import (
	"flag"
	"io"

	"github.com/urfave/cli/v2"

	"udml-gpu/engine/setting"
)

// oneArgument is the command's only argument, such as a COLLECTION. The cli package stops reading flags at it; those after it are read
// here, so that they may stand on either side.
func oneArgument(c *cli.Context, what string) (string, error) {
	args := c.Args().Slice()
	if len(args) == 0 {
		return "", setting.Usage("%s is missing: udml-gpu %s %s ...", what, c.Command.Name, what)
	}
	later := flag.NewFlagSet(c.Command.Name, flag.ContinueOnError)
	later.SetOutput(io.Discard)
	for _, f := range c.Command.Flags {
		if err := f.Apply(later); err != nil {
			return "", usageError(c, err, false)
		}
	}
	if err := later.Parse(args[1:]); err != nil {
		return "", usageError(c, err, false)
	}
	if later.NArg() > 0 {
		return "", setting.Usage("%q is not expected here; see udml-gpu %s --help", later.Arg(0), c.Command.Name)
	}
	var err error
	later.Visit(func(f *flag.Flag) {
		if setting := c.Set(f.Name, f.Value.String()); err == nil {
			err = setting
		}
	})
	return args[0], err
}
