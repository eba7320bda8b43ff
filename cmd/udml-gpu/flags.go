package main

import (
	"strings"

	"github.com/urfave/cli/v2"

	"udml-gpu/engine/setting"
)

// settingFlag ties a flag to the field of the configuration that it sets.
type settingFlag struct {
	flag  cli.Flag
	apply func(c *cli.Context, cfg *setting.Config)
}

func env(name string) []string {
	return []string{"UDML_" + strings.ToUpper(strings.ReplaceAll(name, "-", "_"))}
}

func text(name, category, help string, at func(*setting.Config) *string) settingFlag {
	d := setting.Defaults()
	f := &cli.StringFlag{Name: name, Category: category, Usage: help, EnvVars: env(name), Value: *at(&d)}
	return settingFlag{f, func(c *cli.Context, cfg *setting.Config) {
		if v := c.String(name); v != "" { // an empty environment variable says nothing
			*at(cfg) = v
		}
	}}
}

func whole(name, category, help string, at func(*setting.Config) *int) settingFlag {
	d := setting.Defaults()
	f := &cli.IntFlag{Name: name, Category: category, Usage: help, EnvVars: env(name), Value: *at(&d)}
	return settingFlag{f, func(c *cli.Context, cfg *setting.Config) { *at(cfg) = c.Int(name) }}
}

func number(name, category, help string, at func(*setting.Config) *float64) settingFlag {
	d := setting.Defaults()
	f := &cli.Float64Flag{Name: name, Category: category, Usage: help, EnvVars: env(name), Value: *at(&d)}
	return settingFlag{f, func(c *cli.Context, cfg *setting.Config) { *at(cfg) = c.Float64(name) }}
}

func yes(name, category, help string, at func(*setting.Config) *bool) settingFlag {
	d := setting.Defaults()
	f := &cli.BoolFlag{Name: name, Category: category, Usage: help, EnvVars: env(name), Value: *at(&d)}
	return settingFlag{f, func(c *cli.Context, cfg *setting.Config) { *at(cfg) = c.Bool(name) }}
}

// pretrained may stand alone (the built-in weights) or name a file.
type pretrained struct{ value string }

func (p *pretrained) Set(s string) error { p.value = s; return nil }
func (p *pretrained) String() string     { return p.value }
func (p *pretrained) Get() any           { return p.value }
func (p *pretrained) IsBoolFlag() bool   { return true }

func pretrainedSetting() settingFlag {
	p := &pretrained{value: "auto"}
	f := &cli.GenericFlag{
		Name: "pretrained", Category: "network", EnvVars: env("pretrained"), Value: p,
		Usage: "start from pretrained weights: alone, the built-in ones; =FILE, safetensors, torch .pth or .npz; =false, random ones (default: the built-in ones where there are some, squeezenet's; else random ones, which eval and embed refuse)",
	}
	return settingFlag{f, func(c *cli.Context, cfg *setting.Config) {
		cfg.Pretrained = c.Generic("pretrained").(*pretrained).value
	}}
}

func flagsOf(lists ...[]settingFlag) []cli.Flag {
	var flags []cli.Flag
	for _, l := range lists {
		for _, s := range l {
			flags = append(flags, s.flag)
		}
	}
	return flags
}

func configFlag() cli.Flag {
	return &cli.StringFlag{Name: "config", Usage: "read settings from this YAML `FILE` (keys are the flags' names); flags win", EnvVars: env("config")}
}

func jsonFlag() cli.Flag {
	return &cli.BoolFlag{Name: "json", Usage: "print the result as one JSON document on standard output", EnvVars: env("json")}
}
