package main

import (
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/urfave/cli/v2"

	"udml-gpu/engine/network"
	"udml-gpu/engine/setting"
)

func weightsCommand() *cli.Command {
	return &cli.Command{
		Name: "weights", Usage: "inspect files of weights",
		Subcommands:  []*cli.Command{inspectCommand()},
		OnUsageError: usageError,
		Action:       noSubcommand,
	}
}

func inspectCommand() *cli.Command {
	return &cli.Command{
		Name: "inspect", ArgsUsage: "FILE", Usage: "show a file's tensors, and which backbone they fit",
		Description: "FILE is what --pretrained=FILE takes: safetensors, torch .pth or .pt, .npz, the index of several files, or a " +
			"folder of transformers, timm or open_clip.",
		Flags:        []cli.Flag{jsonFlag(), partFlag()},
		OnUsageError: usageError,
		Action: func(c *cli.Context) error {
			path, err := inspected(c)
			if err != nil {
				return err
			}
			r, err := network.InspectWeights(path, c.String("weights-part"))
			if err != nil {
				return err
			}
			return printResultOr(c, r, weightsText(r))
		},
	}
}

// partFlag is --weights-part, as in train, embed and eval, for the file that is inspected.
func partFlag() cli.Flag {
	return &cli.StringFlag{
		Name: "weights-part", EnvVars: env("weights-part"),
		Usage: "show only this part of a file that holds more than one network, such as teacher or state_dict",
	}
}

// inspected is the file's name. The cli package stops reading flags at it, so later flags are read here.
func inspected(c *cli.Context) (string, error) {
	args := c.Args().Slice()
	for len(args) > 1 && strings.HasPrefix(args[1], "-") {
		rest, err := laterFlag(c, args[1:])
		if err != nil {
			return "", err
		}
		args = append(args[:1], rest...)
	}
	if len(args) != 1 {
		return "", setting.Usage("weights inspect takes the name of one file, not %d", len(args))
	}
	return args[0], nil
}

// laterFlag reads the flag at the beginning of args; rest are the arguments after it.
func laterFlag(c *cli.Context, args []string) (rest []string, err error) {
	name, value, given := strings.Cut(strings.TrimLeft(args[0], "-"), "=")
	rest = args[1:]
	switch {
	case name == "json" && !given:
		value = "true"
	case name == "weights-part" && !given && len(rest) > 0:
		value, rest = rest[0], rest[1:]
	case name != "json" && name != "weights-part":
		return nil, setting.Usage("--%s is not known here; see --help", name)
	}
	if err := c.Set(name, value); err != nil {
		return nil, setting.Usage("--%s %q does not fit: %v", name, value, err)
	}
	return rest, nil
}

// weightsText is the report as text.
func weightsText(r *network.WeightsReport) string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	for _, t := range r.Tensors {
		fmt.Fprintf(w, "%s\t%s\t%v\t%d bytes%s\n", quoted(t.Name), t.DType, t.Shape, t.Bytes, notFinite(t))
	}
	w.Flush()
	fmt.Fprintf(&b, "%s: %s, %d tensors, %d bytes\n", r.File, r.Format, r.Count, r.Bytes)
	writeNetwork(&b, r)
	if len(r.Objects) > 0 {
		fmt.Fprintf(&b, "ignored, and not built: objects made by %s\n", quoted(strings.Join(r.Objects, ", ")))
	}
	writeParts(&b, r.Parts)
	if r.Best == nil {
		b.WriteString("it fits no backbone: none has a parameter of that name and shape\n")
		return b.String()
	}
	writeFit(&b, r.Best)
	return b.String()
}

// writeNetwork says what the weights are of, where tensors or a configuration show it.
func writeNetwork(b *strings.Builder, r *network.WeightsReport) {
	if r.Text != nil {
		fmt.Fprintf(b, "not used: a text tower of %d tensors, %d bytes\n", r.Text.Tensors, r.Text.Bytes)
	}
	if r.Network != "" {
		fmt.Fprintf(b, "it is %s\n", r.Network)
	}
	if r.Licence != "" {
		fmt.Fprintf(b, "licence: %s\n", r.Licence)
	}
	if r.Doubt != "" {
		fmt.Fprintf(b, "--pretrained refuses it: %s\n", r.Doubt)
	}
}

// notFinite says how many numbers of a tensor are not finite; "" for none.
func notFinite(t network.TensorInfo) string {
	if t.NotFinite == 0 {
		return ""
	}
	return fmt.Sprintf(", %d numbers NOT FINITE: --pretrained refuses them where the network uses them", t.NotFinite)
}

// writeParts lists the parts of the file that can be chosen.
func writeParts(b *strings.Builder, parts []network.WeightPart) {
	for _, p := range parts {
		fmt.Fprintf(b, "--weights-part %s: %s", quoted(p.Name), strings.Join(p.Fits, ", "))
		if p.Taken && p.Why != "" {
			fmt.Fprintf(b, "; used unless another is named, %s", p.Why)
		}
		b.WriteString("\n")
	}
	if len(parts) > 1 && !slices.ContainsFunc(parts, func(p network.WeightPart) bool { return p.Taken }) {
		b.WriteString("choose one of them with --weights-part\n")
	}
}

func writeFit(b *strings.Builder, f *network.BackboneFit) {
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
			fmt.Fprintf(b, "%s: %s\n", k.kind, quoted(name))
		}
	}
}
