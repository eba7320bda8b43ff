package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"udml-gpu/engine/collection"
	"udml-gpu/engine/reproduce"
)

// completeName is the hidden command that shells call: its arguments are the words of the line, of which the last is being completed.
// The cli package has such a call too (EnableBashCompletion), but it knows no values of flags, fails on a flag whose value is missing,
// and its script for bash evaluates the words of the line.
const completeName = "__complete"

// filesHint is the answer when the shell should complete names of files.
const filesHint = ":files"

func completeCommand() *cli.Command {
	return &cli.Command{
		Name: completeName, Hidden: true, SkipFlagParsing: true, HideHelp: true,
		Action: func(c *cli.Context) error {
			for _, text := range candidates(c.App, c.Args().Slice()) {
				if _, err := fmt.Fprintln(c.App.Writer, text); err != nil {
					return err
				}
			}
			return nil
		},
	}
}

// candidates complete the last of the words behind the program's name. Behind a tab there may be a description.
func candidates(app *cli.App, words []string) []string {
	if len(words) == 0 {
		words = []string{""}
	}
	before, current := words[:len(words)-1], words[len(words)-1]
	command, at := commandOf(app, slices.Concat([]string{app.Name}, before))
	switch {
	case command == nil && len(before) == 0:
		return commandsAs(app.Commands, current)
	case command == nil:
		return nil
	case len(command.Subcommands) > 0:
		return commandsAs(command.Subcommands, current)
	}
	path := strings.Join(before[:at-1], " ")
	own := before[at-1:]
	if slices.Contains(own, "--") {
		return []string{filesHint}
	}
	if flag, value, ok := strings.Cut(current, "="); ok && strings.HasPrefix(flag, "-") {
		return valuesAs(command, path, flag, value, flag+"=")
	}
	if n := len(own); n > 0 && strings.HasPrefix(own[n-1], "-") && takesNext(command, own[n-1]) {
		return valuesAs(command, path, own[n-1], current, "")
	}
	if strings.HasPrefix(current, "-") {
		return flagsAs(command, current)
	}
	return argumentsAs(command, path, own, current)
}

// commandsAs are the commands that begin so.
func commandsAs(commands []*cli.Command, begin string) (list []string) {
	for _, c := range commands {
		if !c.Hidden && c.Name != "help" && strings.HasPrefix(c.Name, begin) {
			list = append(list, c.Name+"\t"+c.Usage)
		}
	}
	return list
}

// flagsAs are the command's flags that begin so.
func flagsAs(command *cli.Command, begin string) (list []string) {
	for _, f := range command.VisibleFlags() {
		name := "--" + f.Names()[0]
		if strings.HasPrefix(name, begin) {
			usage := ""
			if d, ok := f.(cli.DocGenerationFlag); ok {
				usage = strings.ReplaceAll(d.GetUsage(), "`", "")
			}
			list = append(list, name+"\t"+usage)
		}
	}
	return list
}

// valuesAs are the values of a flag that begin so, each behind the prefix; filesHint for a text of which nothing is known.
func valuesAs(command *cli.Command, path, flag, begin, prefix string) []string {
	name := strings.TrimLeft(flag, "-")
	i := slices.IndexFunc(command.Flags, func(f cli.Flag) bool { return slices.Contains(f.Names(), name) })
	if i < 0 {
		return nil
	}
	var known []string
	switch command.Flags[i].(type) {
	case *cli.IntFlag, *cli.Uint64Flag, *cli.Float64Flag:
		return nil
	case *cli.BoolFlag:
		known = []string{"true", "false"}
	default:
		known = valuesOf(path, name)
	}
	if name == "update" {
		known = collectionsAs(begin)
	}
	if known == nil {
		return []string{filesHint}
	}
	var list []string
	for _, v := range known {
		if strings.HasPrefix(v, begin) {
			list = append(list, prefix+v)
		}
	}
	return list
}

// argumentsAs complete an argument: a collection, one of the fixed words, or a file.
func argumentsAs(command *cli.Command, path string, own []string, begin string) []string {
	switch {
	case path == "completion":
		return slices.DeleteFunc(slices.Clone(shells), func(s string) bool { return !strings.HasPrefix(s, begin) })
	case path == "reproduce" && !hasArgument(command, own):
		return slices.DeleteFunc(reproduce.Names(), func(s string) bool { return !strings.HasPrefix(s, begin) })
	case command.ArgsUsage == "":
		return flagsAs(command, begin+"--")
	case strings.HasPrefix(command.ArgsUsage, "COLLECTION") && !hasArgument(command, own):
		return collectionsAs(begin)
	}
	return []string{filesHint}
}

// hasArgument says whether one of the words is neither a flag nor a flag's value.
func hasArgument(command *cli.Command, words []string) bool {
	for i := 0; i < len(words); i++ {
		switch {
		case !strings.HasPrefix(words[i], "-"):
			return true
		case takesNext(command, words[i]):
			i++
		}
	}
	return false
}

// maxEntries bounds the entries of a folder that are looked at.
const maxEntries = 10_000

// collectionsAs are the collections whose path begins so, and the folders in which there may be others.
func collectionsAs(begin string) []string {
	dir, name := filepath.Split(begin)
	f, err := os.Open(filepath.Clean("./" + dir))
	if filepath.IsAbs(dir) {
		f, err = os.Open(dir)
	}
	if err != nil {
		return nil
	}
	defer f.Close()
	entries, _ := f.ReadDir(maxEntries) // what can be read is enough
	list := []string{}
	for _, e := range entries {
		n := e.Name()
		if !e.IsDir() || !strings.HasPrefix(n, name) || strings.HasPrefix(n, ".") && name == "" || strings.ContainsAny(n, "\n\t") {
			continue
		}
		if !strings.HasSuffix(n, collection.Extension) {
			n += "/"
		}
		list = append(list, dir+n)
	}
	slices.Sort(list)
	return list
}
