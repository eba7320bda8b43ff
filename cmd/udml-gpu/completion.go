package main

import (
	_ "embed"
	"io"
	"strings"

	"github.com/urfave/cli/v2"

	"udml-gpu/engine/setting"
)

// The scripts.
var (
	//go:embed completion/bash.sh
	bashCompletion string
	//go:embed completion/zsh.sh
	zshCompletion string
	//go:embed completion/fish.fish
	fishCompletion string
)

// shells are those with a completion script.
var shells = []string{"bash", "zsh", "fish"}

func completionCommand() *cli.Command {
	return &cli.Command{
		Name: "completion", Usage: "print a script that completes commands, flags and their values in a shell", ArgsUsage: "bash|zsh|fish",
		Description:  "The script asks this program for the words that fit, so that it stays right when the program is replaced.",
		OnUsageError: usageError,
		Action: func(c *cli.Context) error {
			if c.NArg() != 1 {
				return setting.Usage("completion takes the name of a shell: udml-gpu completion bash, zsh or fish")
			}
			scripts := map[string]string{"bash": bashCompletion, "zsh": zshCompletion, "fish": fishCompletion}
			script, ok := scripts[c.Args().First()]
			if !ok {
				return setting.Usage("completion %s: expected one of %s", c.Args().First(), strings.Join(shells, ", "))
			}
			_, err := io.WriteString(c.App.Writer, script)
			return err
		},
	}
}
