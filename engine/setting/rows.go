package setting

import (
	"slices"

	"udml-gpu/engine/setting/table"
)

// rows is the table of all settings, in the order of config.yaml; values are those of c.
func (c *Config) rows() []table.Row {
	return slices.Concat(
		[]table.Row{c.presetRow()}, c.datasetRows(), c.networkRows(),
		c.methodRows(), c.coefficients("method"), c.viewRows(), c.trainingRows(), c.stoppingRows(),
		[]table.Row{c.seedRow(), c.outRow()}, c.loadingRows(), c.runRows(),
	)
}

// Rows are the settings that a run of c's method has, in the order of config.yaml; the values are those of c.
func (c *Config) Rows() []table.Row {
	return slices.DeleteFunc(c.rows(), func(r table.Row) bool { return !r.Is(c.Method) })
}

// Table is all settings, those of all methods among them, with their defaults.
func Table() []table.Row {
	c := Defaults()
	return c.rows()
}

// Defaults are the settings of a run whose flags say nothing.
func Defaults() Config {
	var c Config
	table.Reset(c.rows())
	return c
}

// Set gives the setting of that key, which must exist, a value of its type.
func (c *Config) Set(key string, v any) { table.Set(c.rows(), key, v) }
