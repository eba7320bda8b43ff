package run

import (
	"fmt"

	"udml-gpu/engine/machine"
	"udml-gpu/engine/report"
)

// costs is the table of the time and the memory that the run took.
func (t *Sheet) costs() report.Table {
	s := &t.State.Spent
	table := report.Table{Title: "Speed and memory", Columns: []string{"part", "figure"}}
	add := func(name, format string, values ...any) {
		table.Rows = append(table.Rows, []string{name, fmt.Sprintf(format, values...)})
	}
	add("in all", "%.1f s", t.State.Seconds)
	if s.Training > 0 {
		add("training", "%.1f s, %.0f images a second", s.Training, float64(s.Images)/s.Training)
	}
	if s.Evaluation > 0 {
		add("evaluation", "%.1f s", s.Evaluation)
	}
	if s.Pictures > 0 {
		add("the pictures below", "%.1f s", s.Pictures)
	}
	if t.StepMemory != "" {
		add("memory of a step", "%s, planned", t.StepMemory)
	}
	if peak := machine.PeakMemory(); peak > 0 {
		add("largest memory of the process", "%d MiB, decoded images included", peak>>20)
	}
	return table
}

// machine is what the run was computed by.
func (t *Sheet) machine() []report.Field {
	e := t.State.Environment
	var list []report.Field
	for _, f := range []report.Field{
		{Name: "device", Value: e.Device},
		{Name: "precision", Value: e.Precision},
		{Name: "processor", Value: e.CPU},
		{Name: "matrix products", Value: e.BLAS},
		{Name: "convolutions", Value: e.Conv},
		{Name: "JPEG decoder", Value: e.JPEG},
		{Name: "Go", Value: e.Go},
		{Name: "udml-gpu", Value: t.State.WrittenBy},
	} {
		if f.Value != "" {
			list = append(list, f)
		}
	}
	return list
}
