package setting

import (
	"slices"

	"udml-gpu/engine/setting/table"
	"udml-gpu/models/backbone"
)

// rows are all settings, in the order of config.yaml, with the values of c.
func (c *Config) rows() []table.Row {
	return slices.Concat(
		[]table.Row{c.presetRow()}, c.datasetRows(), c.networkRows(),
		c.methodRows(), c.ownRows("method"), c.viewRows(), c.trainingRows(), c.stoppingRows(),
		[]table.Row{c.seedRow(), c.outRow()}, c.loadingRows(), c.runRows(),
	)
}

// Rows are the settings of a run of c's method, in the order of config.yaml, with the values of c.
func (c *Config) Rows() []table.Row {
	return slices.DeleteFunc(c.rows(), func(r table.Row) bool { return !r.UsedBy(c.Method) })
}

// Table is all settings, including those of all methods, with their defaults.
func Table() []table.Row {
	c := Defaults()
	return c.rows()
}

// Defaults are the settings of a run without flags, before Resolve.
func Defaults() Config {
	var c Config
	table.Reset(c.rows())
	return c
}

// Earlier are the settings of a run whose config.yaml names none: what earlier versions, which did not have them all, did.
func Earlier() Config {
	c := Defaults()
	c.Preset, c.Pool, c.Stages, c.AlsoSize, c.Shards, c.Result = "", backbone.PoolMean, 1, 0, 1, "trained"
	return c
}

// Set sets the setting of that key to a value of its type. It panics where there is no such setting.
func (c *Config) Set(key string, v any) { table.Set(c.rows(), key, v) }
