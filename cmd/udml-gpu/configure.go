package main

import (
	"strings"

	"github.com/urfave/cli/v2"

	"udml-gpu/engine/setting"
	"udml-gpu/engine/setting/table"
)

// configure is the resolved configuration of a command that uses no run.
func configure(c *cli.Context, rows []table.Row) (setting.Config, error) {
	l, err := layers(c, rows)
	if err != nil {
		return setting.Config{}, err
	}
	return l.Config, nil
}

// layers are the defaults, then the preset, then the --config file, then flags and environment, resolved.
func layers(c *cli.Context, rows []table.Row) (*setting.Layers, error) {
	return layersFor(c, rows, 1, nil)
}

// layersFor is layers of a run of so many ranks: where nothing says how many shards a batch has, each rank has one. choose, if it is not
// nil, sets more before all is resolved.
func layersFor(c *cli.Context, rows []table.Row, ranks int, choose func(*setting.Layers) error) (*setting.Layers, error) {
	path, text, err := settingsFile(c)
	if err != nil {
		return nil, err
	}
	preset := ""
	if c.IsSet("preset") {
		preset = c.String("preset")
	}
	l, err := setting.NewLayers(preset, path, text)
	if err != nil {
		return nil, err
	}
	applyFlags(c, l, rows)
	if l.Config.Shards == 0 {
		l.Config.Shards = ranks
	}
	if l.Config.Reduce == "fast" && l.Config.ReduceRanks == 0 {
		l.Config.ReduceRanks = ranks
	}
	if l.Config.BatchNorm == "host" && l.Config.NormShards == 0 {
		n, err := joined.ShardsOfHost(l.Config.Shards)
		if err != nil {
			return nil, err
		}
		l.Config.NormShards = n
	}
	if choose != nil {
		if err := choose(l); err != nil {
			return nil, err
		}
	}
	if err := l.Resolve(); err != nil {
		return nil, err
	}
	tellUnused(l, rows)
	return l, nil
}

// overlay lays the --config file, then flags and environment, over the settings of a run. A preset is not applied again.
func overlay(c *cli.Context, run setting.Config, rows []table.Row) (setting.Config, error) {
	path, text, err := settingsFile(c)
	if err != nil {
		return run, err
	}
	l, err := setting.LayersOver(run, path, text)
	if err != nil {
		return run, err
	}
	applyFlags(c, l, rows)
	tellUnused(l, rows)
	return l.Config, nil
}

// tellUnused logs a warning for settings that the method does not have, if the command has a method.
func tellUnused(l *setting.Layers, rows []table.Row) {
	if _, ok := table.Find(rows, "method"); !ok {
		return
	}
	log := newLog()
	for _, text := range l.Unused() {
		log.Warn().Msg(text)
	}
}

// settingsFile reads the --config file; without one the text is nil.
func settingsFile(c *cli.Context) (path string, text []byte, err error) {
	path = c.String("config")
	if path == "" {
		return "", nil, nil
	}
	text, err = setting.SettingsFile(path)
	if err != nil {
		return path, nil, setting.Usage("--config %s cannot be read (%v): expected a YAML file of settings", path, err)
	}
	return path, text, nil
}

// applyFlags sets the settings that flags and environment variables give, and records which of the two gave each.
func applyFlags(c *cli.Context, l *setting.Layers, rows []table.Row) {
	for _, r := range rows {
		if !c.IsSet(r.Key) || given(c, r) == "" { // an empty environment variable counts as unset
			continue
		}
		l.Config.Set(r.Key, given(c, r))
		l.Note(r.Key, givenBy(c, r.Key))
	}
}

// givenBy says whether a flag or an environment variable gave the setting, which the flag package does not: a flag is among the
// words after the command's name.
func givenBy(c *cli.Context, name string) setting.Origin {
	for _, word := range c.Lineage()[1].Args().Slice() {
		flag, _, _ := strings.Cut(word, "=")
		if strings.HasPrefix(word, "-") && strings.TrimLeft(flag, "-") == name {
			return setting.FromFlag
		}
	}
	return setting.FromEnvironment
}
