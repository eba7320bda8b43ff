package main

import (
	"strings"

	"github.com/urfave/cli/v2"

	"udml-gpu/engine/setting"
)

// configure builds the configuration of something new, resolved.
func configure(c *cli.Context, lists ...[]settingFlag) (setting.Config, error) {
	l, err := layers(c, lists...)
	if err != nil {
		return setting.Config{}, err
	}
	return l.Config, nil
}

// layers are the defaults, then the preset, then the --config file, then flags and environment, resolved.
func layers(c *cli.Context, lists ...[]settingFlag) (*setting.Layers, error) {
	path, text, err := settingsFile(c)
	if err != nil {
		return nil, err
	}
	l, err := setting.NewLayers(c.String("preset"), path, text)
	if err != nil {
		return nil, err
	}
	applyFlags(c, &l.Config, l.Note, lists...)
	return l, l.Resolve()
}

// overlay puts the --config file, then flags and environment, over the settings of a run. A preset is not applied again.
func overlay(c *cli.Context, cfg *setting.Config, lists ...[]settingFlag) error {
	path, text, err := settingsFile(c)
	if err != nil {
		return err
	}
	if err := cfg.ReadYAML(path, text); err != nil {
		return err
	}
	applyFlags(c, cfg, func(string, setting.Origin) {}, lists...)
	return nil
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

// applyFlags sets what flags and environment variables say, and notes which of the two said it.
func applyFlags(c *cli.Context, cfg *setting.Config, note func(key string, o setting.Origin), lists ...[]settingFlag) {
	for _, l := range lists {
		for _, s := range l {
			name := s.flag.Names()[0]
			if !c.IsSet(name) || c.Value(name) == "" { // an empty environment variable says nothing
				continue
			}
			s.apply(c, cfg)
			note(name, givenBy(c, name))
		}
	}
}

// givenBy tells a flag from an environment variable, which the flag package does not: a flag stands among the words after
// the command's name.
func givenBy(c *cli.Context, name string) setting.Origin {
	for _, word := range c.Lineage()[1].Args().Slice() {
		flag, _, _ := strings.Cut(word, "=")
		if strings.HasPrefix(word, "-") && strings.TrimLeft(flag, "-") == name {
			return setting.FromFlag
		}
	}
	return setting.FromEnvironment
}
