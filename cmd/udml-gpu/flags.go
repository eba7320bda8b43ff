package main

import (
	"github.com/urfave/cli/v2"

	"udml-gpu/engine/setting/table"
)

// env is the environment variable for the flag of that name.
func env(name string) []string { return []string{table.Variable(name)} }

func configFlag() cli.Flag {
	return &cli.StringFlag{
		Name: "config", EnvVars: env("config"),
		Usage: "read settings from this YAML `FILE` (keys are the flags' names); flags win",
	}
}

func jsonFlag() cli.Flag {
	return &cli.BoolFlag{Name: "json", Usage: "print the result as one JSON document on standard output", EnvVars: env("json")}
}
