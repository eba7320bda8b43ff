package main

import (
	"path/filepath"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"udml-gpu/engine/reproduce"
	"udml-gpu/engine/setting"
	"udml-gpu/engine/setting/table"
)

func reproduceCommand() *cli.Command {
	rows := reproducible()
	own := []cli.Flag{
		configFlag(), jsonFlag(),
		&cli.StringFlag{Name: "rows", Usage: "`METHODS`, separated by commas, whose rows are run; all without it", EnvVars: env("rows")},
	}
	return &cli.Command{
		Name: "reproduce", Usage: "run the rows of a published table, and print measured beside published", ArgsUsage: "TABLE",
		Description: "TABLE is one of " + strings.Join(reproduce.Names(), ", ") + ". Each row is an ordinary run in a folder of its own " +
			"below --out, with the preset of the table. After a stop or a kill the same command goes on: finished rows are not run " +
			"again. Settings may be given as to train; the table then says what differs from the protocol.",
		Flags:        slices.Concat(own, flagsOf(rows, "")),
		OnUsageError: usageError,
		Action:       func(c *cli.Context) error { return reproduceTable(c, rows) },
	}
}

func reproduceTable(c *cli.Context, rows []table.Row) error {
	session := trainSession() // first, since an earlier signal would end the program at once
	ctx := untilStopped(c.Context, session.Log, "stopping after this step, with the run saved")
	t, planned, err := planTable(c, rows)
	if err != nil {
		return err
	}
	result, err := reproduce.Run(ctx, t, planned, session)
	if result == nil {
		return err
	}
	if failed := printResultOr(c, result, resultText(result)); failed != nil {
		return failed
	}
	return err
}

// reproducible are the settings that reproduce takes: the table says method and preset, and a mirror is of one run.
func reproducible() []table.Row {
	return slices.DeleteFunc(setting.Table(), func(r table.Row) bool {
		return slices.Contains([]string{"method", "preset", "mirror"}, r.Key)
	})
}

// planTable is the table that the command names, and the runs of its rows.
func planTable(c *cli.Context, rows []table.Row) (t reproduce.Table, planned []reproduce.Planned, err error) {
	if c.NArg() != 1 {
		return t, nil, setting.Usage("reproduce takes one table, of %s: udml-gpu reproduce %s --data cub:CUB_200_2011",
			strings.Join(reproduce.Names(), ", "), reproduce.Names()[0])
	}
	if t, err = reproduce.Find(c.Args().First()); err != nil {
		return t, nil, err
	}
	if t, err = t.Only(c.String("rows")); err != nil {
		return t, nil, err
	}
	for _, r := range t.Rows {
		p, err := planRow(c, rows, t, r)
		if err != nil {
			return t, nil, err
		}
		planned = append(planned, p)
	}
	return t, planned, nil
}

// planRow are the settings of a row's run: the preset of its table, what the row itself says, the settings file, flags and environment.
func planRow(c *cli.Context, rows []table.Row, t reproduce.Table, r reproduce.Row) (reproduce.Planned, error) {
	path, text, err := settingsFile(c)
	if err != nil {
		return reproduce.Planned{}, err
	}
	l, err := t.Settings(path, text)
	if err != nil {
		return reproduce.Planned{}, err
	}
	applyFlags(c, l, rows)
	r.Lay(l)
	l.Config.Mirror = ""
	if err := t.CheckData(l.Config.Data); err != nil {
		return reproduce.Planned{}, err
	}
	if l.Config.Out == "" {
		l.Config.Out = filepath.Join(usualRuns, t.Name)
	}
	l.Config.Out = r.Folder(l.Config.Out)
	return reproduce.Planned{Row: r, Config: l.Config}, l.Resolve()
}

// resultText is the table for people.
func resultText(r *reproduce.Result) string {
	var b strings.Builder
	writeQuoted(&b, r.Scores())
	for _, line := range r.Notes() {
		b.WriteString(quoted(line) + "\n")
	}
	return b.String()
}
