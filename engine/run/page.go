package run

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"udml-gpu/engine/data"
	"udml-gpu/engine/data/cache"
	"udml-gpu/engine/data/notes"
	"udml-gpu/engine/data/rawname"
	"udml-gpu/engine/eval"
	"udml-gpu/engine/method"
	"udml-gpu/engine/report"
	"udml-gpu/engine/setting"
)

// Sheet is the data for a run's page.
type Sheet struct {
	Dir    string
	Config setting.Config
	State  *State
	Train  *cache.Cache
	Test   *cache.Cache // images that quality is measured on; the same as Train where there is no test split
	Notes  []notes.Note // on the data set
	Charts []method.Chart
	Oracle bool // trained on true labels
	Albums []report.Album
	// StepMemory is what a step of training takes, such as "34 MiB"; "": nothing was trained.
	StepMemory string
}

// Page is the content of report.html for the run so far.
func (t *Sheet) Page() report.Page {
	c := t.Config
	p := report.Page{
		Title: fmt.Sprintf("%s: %s on %s, epoch %d", t.Dir, c.Method, c.Backbone, t.State.Epoch),
		Summary: []report.Field{
			{Name: "data", Value: rawname.Text(c.Data)},
			{Name: "images", Value: t.imageCounts()},
		},
		Lead: t.lead(), Next: t.next(),
		Tables: t.tables(), Albums: t.Albums, Settings: settingsOf(c), Machine: t.machine(),
	}
	if c.Epochs > 0 {
		p.Charts = t.charts()
	}
	if r := t.State.Result; r != nil {
		p.Warnings = r.Warnings
		rank := fmt.Sprintf("%.1f to %.1f", r.Before.EffectiveRank, r.After.EffectiveRank)
		p.Summary = append(p.Summary, report.Field{Name: "effective rank", Value: rank})
	}
	if t.Oracle {
		p.Warnings = append(p.Warnings,
			"trained on true labels: the run reads the labels of the training images, an upper bound, not an unsupervised result")
	}
	return p
}

// maxListed is the largest number of unreadable images that a page names; the log names all.
const maxListed = 100

// tables are the quality of the run, then, where there are any, the notes on the data set and the unreadable images.
func (t *Sheet) tables() []report.Table {
	tables := t.qualityTables()
	if r := t.State.Result; r != nil {
		if table, ok := r.Choice.table(); ok {
			tables = append(tables, table)
		}
	}
	tables = append(tables, t.costs())
	skipped := t.Skipped()
	if len(t.Notes) > 0 {
		notes := report.Table{Title: "Notes on the data set", Columns: []string{"note"}}
		for _, n := range t.Notes {
			notes.Rows = append(notes.Rows, []string{n.Message})
		}
		tables = append(tables, notes)
	}
	if len(skipped) == 0 {
		return tables
	}
	bad := report.Table{Title: "Images that could not be read", Columns: []string{"image", "reason"}}
	for _, s := range skipped[:min(len(skipped), maxListed)] {
		bad.Rows = append(bad.Rows, []string{rawname.Text(s.Name), s.Err.Error()})
	}
	if more := len(skipped) - len(bad.Rows); more > 0 {
		bad.Rows = append(bad.Rows, []string{fmt.Sprintf("and %d more", more), ""})
	}
	return append(tables, bad)
}

// Skipped are the images of both splits that could not be read.
func (t *Sheet) Skipped() []data.Skip {
	if t.Test == t.Train {
		return t.Train.Skipped()
	}
	return slices.Concat(t.Train.Skipped(), t.Test.Skipped())
}

// imageCounts says how many images both splits have, and how many could not be read.
func (t *Sheet) imageCounts() string {
	s := strconv.Itoa(t.Train.Len())
	if t.Test != t.Train {
		s += fmt.Sprintf(" to train on, %d to measure with", t.Test.Len())
	}
	if n := len(t.Skipped()); n > 0 {
		s += fmt.Sprintf(", %d could not be read", n)
	}
	return s
}

// charts are the loss and its terms, the figures of the method, the agreement of the views, and Recall@1.
func (t *Sheet) charts() []report.Chart {
	var charts []report.Chart
	for _, name := range t.termNames() {
		charts = append(charts, t.chart(strings.ReplaceAll(name, "_", " "),
			t.within(name, t.line("mean of the epoch", func(r *EpochReport) float64 { return r.Terms[name] }))...))
	}
	for _, c := range append(slices.Clone(t.Charts), agreement) {
		lines := t.figures(c)
		if len(lines) == 1 && len(c.Lines) == 1 {
			lines = t.within(c.Lines[0].Key, lines[0])
		}
		if len(lines) > 0 {
			charts = append(charts, t.chart(c.Title, lines...))
		}
	}
	return append(charts, t.chart("Recall@1", t.recallLine()))
}

// agreement is drawn after the charts of a method that sees at least two views.
var agreement = method.Chart{Title: "agreement of the two views", Lines: []method.ChartLine{{Key: AgreementKey, Name: "mean cosine"}}}

// figures are the lines of a chart, without those for which no epoch has a figure.
func (t *Sheet) figures(c method.Chart) []report.Line {
	var lines []report.Line
	for _, l := range c.Lines {
		line := report.Line{Name: l.Name}
		for _, r := range t.State.History {
			if v, ok := method.Find(r.Health, l.Key); ok {
				line.X, line.Y = append(line.X, float64(r.Epoch)), append(line.Y, v)
			}
		}
		if len(line.X) > 0 || len(t.State.History) == 0 {
			lines = append(lines, line)
		}
	}
	return lines
}

// termNames are "loss" and then the names of the loss terms of all epochs in alphabetical order.
func (t *Sheet) termNames() []string {
	seen := map[string]bool{}
	for _, r := range t.State.History {
		for name := range r.Terms {
			seen[name] = name != "loss"
		}
	}
	names := []string{"loss"}
	for _, name := range slices.Sorted(maps.Keys(seen)) {
		if seen[name] {
			names = append(names, name)
		}
	}
	return names
}

func (t *Sheet) chart(title string, lines ...report.Line) report.Chart {
	return report.Chart{Title: title, XLabel: "epoch", Lines: lines}
}

func (t *Sheet) line(name string, y func(*EpochReport) float64) report.Line {
	line := report.Line{Name: name}
	for _, r := range t.State.History {
		line.X, line.Y = append(line.X, float64(r.Epoch)), append(line.Y, y(r))
	}
	return line
}

// within adds a line of the figure's means within the epochs, before which it lies, to that of the epochs.
func (t *Sheet) within(key string, epochs report.Line) []report.Line {
	fine := report.Line{Name: "within the epoch"}
	for _, r := range t.State.History {
		if r.Within == nil || r.Steps < 1 {
			continue
		}
		values := r.Within.Figures[key]
		for i := range min(len(values), len(r.Within.Steps)) {
			fine.X = append(fine.X, float64(r.Epoch-1)+float64(r.Within.Steps[i])/float64(r.Steps))
			fine.Y = append(fine.Y, values[i])
		}
	}
	if len(fine.X) == 0 {
		return []report.Line{epochs}
	}
	return []report.Line{epochs, fine}
}

// recallLine is Recall@1 of the embedding at each epoch that was evaluated; empty without labels.
func (t *Sheet) recallLine() report.Line {
	line := report.Line{Name: "embedding, before the final whitening"}
	add := func(epoch int, s *eval.Scores) {
		if s != nil {
			line.X, line.Y = append(line.X, float64(epoch)), append(line.Y, s.Recall[1])
		}
	}
	if q := t.State.Before; q != nil {
		add(0, q.Scores)
	}
	for _, r := range t.State.History {
		if r.Quality != nil {
			add(r.Epoch, r.Quality.Scores)
		}
	}
	if r := t.State.Result; r != nil && r.After.Raw != nil {
		add(r.Epochs, r.After.Raw)
	} else if r != nil {
		add(r.Epochs, r.After.Scores)
	}
	return line
}

// settingsOf lists the run's settings in the order of config.yaml.
func settingsOf(c setting.Config) []report.Field {
	var list []report.Field
	for _, r := range c.Rows() {
		list = append(list, report.Field{Name: r.Key, Value: rawname.Text(fmt.Sprint(r.Value()))})
	}
	return list
}
