package main

import (
	"slices"
	"strings"

	"github.com/urfave/cli/v2"
)

// flagsFirst moves the flags of a command that has arguments before them, since the flag package reads no flag behind the first
// argument: search photos.udml a.jpg --k 5 is search --k 5 photos.udml a.jpg. Words after -- are arguments.
func flagsFirst(app *cli.App, args []string) []string {
	command, at := commandOf(app, args)
	if command == nil || command.ArgsUsage == "" {
		return args
	}
	flags, others := slices.Clone(args[:at]), []string{"--"}
	for i := at; i < len(args); i++ {
		word := args[i]
		switch {
		case word == "--":
			others = append(others, args[i+1:]...)
			i = len(args)
		case len(word) < 2 || word[0] != '-':
			others = append(others, word)
		case word == "--help" || word == "-h":
			return append(slices.Clone(args[:at]), word)
		default:
			flags = append(flags, word)
			if takesNext(command, word) && i+1 < len(args) {
				i++
				flags = append(flags, args[i])
			}
		}
	}
	return append(flags, others...)
}

// commandOf is the command that the arguments name, or the subcommand, and where its own arguments begin.
func commandOf(app *cli.App, args []string) (command *cli.Command, at int) {
	if len(args) < 2 {
		return nil, 0
	}
	if command = app.Command(args[1]); command == nil || len(args) < 3 {
		return command, 2
	}
	for _, sub := range command.Subcommands {
		if sub.HasName(args[2]) {
			return sub, 3
		}
	}
	return command, 2
}

// takesNext tells whether the word after a flag is its value.
func takesNext(command *cli.Command, word string) bool {
	name := strings.TrimLeft(word, "-")
	if strings.Contains(name, "=") {
		return false
	}
	for _, f := range command.Flags {
		if !slices.Contains(f.Names(), name) {
			continue
		}
		switch f := f.(type) {
		case *cli.BoolFlag:
			return false
		case *cli.GenericFlag:
			_, bare := f.Value.(*bareText)
			return !bare
		}
		return true
	}
	return false // an unknown flag, or --help
}
