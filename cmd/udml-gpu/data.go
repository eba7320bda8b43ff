package main

import (
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/urfave/cli/v2"

	"udml-gpu/engine/images"
	"udml-gpu/engine/setting"
)

func dataCommand() *cli.Command {
	return &cli.Command{
		Name: "data", Usage: "show what a data set holds, and what is wrong with it",
		Subcommands:     []*cli.Command{dataListCommand(), dataScanCommand(), dataAuditCommand()},
		HideHelpCommand: true,
		OnUsageError:    usageError,
		Action:          noSubcommand,
	}
}

// dataSubcommand is a command that needs only a data set.
func dataSubcommand(name, usage string, run func(c *cli.Context, cfg setting.Config) error) *cli.Command {
	rows := settingsOf("data")
	return &cli.Command{
		Name: name, Usage: usage,
		Flags:        append([]cli.Flag{configFlag(), jsonFlag()}, flagsOf(rows, "")...),
		OnUsageError: usageError,
		Action: func(c *cli.Context) error {
			cfg, err := configure(c, rows)
			if err == nil {
				err = noArguments(c)
			}
			if err != nil {
				return err
			}
			return run(c, cfg)
		},
	}
}

func dataListCommand() *cli.Command {
	return dataSubcommand("list", "print splits, classes and images, without decoding any", func(c *cli.Context, cfg setting.Config) error {
		d, err := images.List(cfg, newSession().UI)
		if err != nil {
			return err
		}
		return printResultOr(c, d, listText(d))
	})
}

// listText is a data set as a table with a row for each split.
func listText(d *images.Contents) string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprint(w, "split\timages\tclasses\twithout label\t\n")
	for _, s := range d.Splits {
		fmt.Fprintf(w, "%s\t%d\t%d\t%d\t\n", s.Name, s.Images, s.Classes, s.Unlabelled)
	}
	fmt.Fprintf(w, "all\t%d\t%d\t%d\t\n", d.Images, d.Classes, d.Unlabelled)
	w.Flush()
	if d.Boxes > 0 {
		fmt.Fprintf(&b, "%d images are cropped to their boxes\n", d.Boxes)
	}
	return b.String()
}

func dataScanCommand() *cli.Command {
	usage := "decode every image; print those that are damaged, and files with the same content"
	return dataSubcommand("scan", usage, func(c *cli.Context, cfg setting.Config) error {
		d, err := images.Scan(c.Context, cfg, newSession().UI)
		if err != nil {
			return err
		}
		return printResultOr(c, d, scanText(d))
	})
}

// scanText is a line for every damaged image and every group of duplicates, and a line with their numbers.
func scanText(d *images.Faults) string {
	var b strings.Builder
	for _, bad := range d.Damaged {
		fmt.Fprintf(&b, "damaged: %s: %s\n", quoted(bad.Name), bad.Why)
	}
	for _, names := range d.Duplicates {
		list := make([]string, len(names))
		for i, name := range names {
			list[i] = quoted(name)
		}
		fmt.Fprintf(&b, "the same content: %s\n", strings.Join(list, ", "))
	}
	fmt.Fprintf(&b, "%d images: %d damaged, %d groups of files with the same content\n", d.Images, len(d.Damaged), len(d.Duplicates))
	return b.String()
}
