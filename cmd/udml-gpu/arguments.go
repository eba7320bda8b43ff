package main

import (
	"slices"
	"strings"

	"github.com/urfave/cli/v2"
)

// flagsFirst moves the flags of a command that has arguments before them, since the flag package reads no flag behind the first
// argument: search photos.udml a.jpg --k 5 is search --k 5 photos.udml a.jpg. Words after -- are arguments.
func flagsFirst(app *cli.App, args []string) []string {
	if len(args) < 2 {
		return args
	}
	command := app.Command(args[1])
	if command == nil || command.ArgsUsage == "" {
		return args
	}
	flags, others := slices.Clone(args[:2]), []string{"--"}
	for i := 2; i < len(args); i++ {
		word := args[i]
		switch {
		case word == "--":
			others = append(others, args[i+1:]...)
			i = len(args)
		case len(word) < 2 || word[0] != '-':
			others = append(others, word)
		case word == "--help" || word == "-h":
			return []string{args[0], args[1], word}
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
