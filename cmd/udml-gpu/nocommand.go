package main

import (
	"io"
	"strings"

	"github.com/urfave/cli/v2"

	"udml-gpu/engine/setting"
)

// beginning says how to begin, for someone who has a folder of photos.
const beginning = `udml-gpu learns what images look like, without labels. With a folder of photos:

   udml-gpu embed --data photos/ --out photos.udml     makes a collection of them
   udml-gpu search photos.udml beach.jpg               shows those like this one

On a collection work also duplicates, cluster, map, select and convert. To fit the network to your photos, and to measure it:

   udml-gpu train --data photos/ --out runs/photos     then embed --run runs/photos
   udml-gpu train --demo                               on images that are built in

udml-gpu --help lists all commands, udml-gpu COMMAND --help the flags of one; udml-gpu doctor shows what of this machine is used.
`

// noCommand says how to begin; an unknown command is a UsageError.
func noCommand(c *cli.Context) error {
	if !c.Args().Present() {
		_, err := io.WriteString(c.App.Writer, beginning)
		return err
	}
	return unknownCommand("", c.Args().First(), c.App.Commands)
}

// noSubcommand shows the command's help; an unknown subcommand is a UsageError.
func noSubcommand(c *cli.Context) error {
	if !c.Args().Present() {
		return cli.ShowSubcommandHelp(c)
	}
	return unknownCommand(c.Command.Name+" ", c.Args().First(), c.Command.Subcommands)
}

// unknownCommand is a UsageError that suggests the most similar command, or lists all; before is put in front of their names.
func unknownCommand(before, name string, commands []*cli.Command) error {
	var names []string
	for _, command := range commands {
		if !command.Hidden && command.Name != "help" {
			names = append(names, command.Name)
		}
	}
	if near := setting.Nearest(name, names); near != "" {
		return setting.Usage("no command is called %s%q; did you mean %s%s?", before, name, before, near)
	}
	last := len(names) - 1
	if last == 0 {
		return setting.Usage("no command is called %s%q; there is %s%s", before, name, before, names[0])
	}
	for i := range names {
		names[i] = before + names[i]
	}
	return setting.Usage("no command is called %s%q; there are %s and %s", before, name, strings.Join(names[:last], ", "), names[last])
}
