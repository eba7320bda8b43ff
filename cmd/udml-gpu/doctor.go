package main

import (
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/urfave/cli/v2"

	"udml-gpu/engine/machine"
	"udml-gpu/engine/train"
)

func doctorCommand(method string) *cli.Command {
	rows := settingsOf("network", "method", "training", "device", "precision")
	return &cli.Command{
		Name: "doctor", Usage: "show what this machine has and what of it is used",
		Flags:        append([]cli.Flag{configFlag(), jsonFlag()}, flagsOf(rows, method)...),
		OnUsageError: usageError,
		Action: func(c *cli.Context) error {
			cfg, err := configure(c, rows)
			if err != nil {
				return err
			}
			findings, problem := machine.Doctor(cfg, train.FittingStepMemory)
			if findings == nil {
				return problem
			}
			var b strings.Builder
			w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
			for _, f := range findings {
				fmt.Fprintf(w, "%s\t%s\t%s\n", f.Name, f.Value, f.Note)
			}
			w.Flush()
			if err := printResultOr(c, findings, b.String()); err != nil {
				return err
			}
			return problem
		},
	}
}
