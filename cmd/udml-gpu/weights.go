package main

import (
	"fmt"
	"strconv"
	"strings"
	"text/tabwriter"
	"unicode"

	"github.com/urfave/cli/v2"

	"udml-gpu/engine"
)

func weightsCommand() *cli.Command {
	return &cli.Command{
		Name: "weights", Usage: "look into files of weights",
		Subcommands:  []*cli.Command{inspectCommand()},
		OnUsageError: usageError,
		Action: func(c *cli.Context) error {
			if c.Args().Present() {
				return engine.Usage("no command is called weights %q; there is weights inspect", c.Args().First())
			}
			return cli.ShowSubcommandHelp(c)
		},
	}
}

func inspectCommand() *cli.Command {
	return &cli.Command{
		Name: "inspect", ArgsUsage: "FILE", Usage: "show a file's tensors, and which backbone they fit",
		Description:  "FILE is what --pretrained=FILE takes: safetensors, torch .pth or .pt, or .npz.",
		Flags:        []cli.Flag{jsonFlag()},
		OnUsageError: usageError,
		Action: func(c *cli.Context) error {
			path, err := inspected(c)
			if err != nil {
				return err
			}
			r, err := engine.InspectWeights(path)
			if err != nil {
				return err
			}
			return printResultOr(c, r, weightsText(r))
		},
	}
}

// inspected is the file's name. The cli package stops at it, so that a --json behind it is read here.
func inspected(c *cli.Context) (string, error) {
	args := c.Args().Slice()
	if len(args) == 2 && args[1] == "--json" {
		args = args[:1]
		if err := c.Set("json", "true"); err != nil {
			return "", err
		}
	}
	if len(args) != 1 {
		return "", engine.Usage("weights inspect takes the name of one file, not %d", len(args))
	}
	return args[0], nil
}

// weightsText is the report for people.
func weightsText(r *engine.WeightsReport) string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	for _, t := range r.Tensors {
		fmt.Fprintf(w, "%s\t%s\t%v\t%d bytes\n", printable(t.Name), t.DType, t.Shape, t.Bytes)
	}
	w.Flush()
	fmt.Fprintf(&b, "%s: %s, %d tensors, %d bytes\n", r.File, r.Format, r.Count, r.Bytes)
	if r.Best == nil {
		b.WriteString("it fits no backbone: none has a parameter of that name and shape\n")
		return b.String()
	}
	writeFit(&b, r.Best)
	return b.String()
}

func writeFit(b *strings.Builder, f *engine.BackboneFit) {
	verdict := "it fits no backbone as it is; the nearest is"
	if f.Matched == f.Parameters {
		verdict = "it fits"
	}
	fmt.Fprintf(b, "%s --backbone %s --channels %d: %d of %d parameters\n", verdict, f.Backbone, f.Channels, f.Matched, f.Parameters)
	for _, k := range []struct {
		kind  string
		names []string
	}{{"missing", f.Missing}, {"different", f.Differ}, {"not used", f.Extra}} {
		for _, name := range k.names {
			fmt.Fprintf(b, "%s: %s\n", k.kind, printable(name))
		}
	}
}

// printable is a name from a file, quoted where it could move a terminal's cursor or break a line.
func printable(name string) string {
	if strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return strconv.Quote(name)
	}
	return name
}
