package engine

import (
	"fmt"
	"reflect"
	"slices"

	"udml-gpu/engine/eval"
	"udml-gpu/engine/report"
)

// page is what report.html shows of the run so far.
func (t *Trainer) page() report.Page {
	c := t.network.Config
	p := report.Page{
		Title:   fmt.Sprintf("%s: %s on %s, epoch %d", t.run.dir, c.Method, c.Backbone, t.state.Epoch),
		Summary: []report.Field{{Name: "images", Value: itoa(t.train.Len())}, {Name: "seconds", Value: fmt.Sprintf("%.1f", t.state.Seconds)}},
		Charts:  t.charts(), Tables: []report.Table{t.qualityTable()}, Settings: settingsOf(c),
	}
	if r := t.state.Result; r != nil {
		p.Warnings = r.Warnings
		p.Summary = append(p.Summary, report.Field{Name: "effective rank", Value: fmt.Sprintf("%.1f to %.1f", r.Before.EffectiveRank, r.After.EffectiveRank)},
			report.Field{Name: "views that find each other", Value: fmt.Sprintf("%.1f%% to %.1f%%", 100*r.Before.ViewRecall, 100*r.After.ViewRecall)})
	}
	if c.PseudoLabels == "oracle" {
		p.Warnings = append(p.Warnings, "trained on true labels: an upper bound, not an unsupervised result")
	}
	return p
}

func (t *Trainer) charts() []report.Chart {
	names := []string{}
	for _, r := range t.state.History {
		for name := range r.Terms {
			if !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	slices.Sort(names)
	var charts []report.Chart
	for _, name := range names {
		charts = append(charts, t.chart(name, func(r *EpochReport) float64 { return r.Terms[name] }))
	}
	return append(charts,
		t.chart("live clusters a batch", func(r *EpochReport) float64 { return r.Health.LiveClusters }),
		t.chart("agreement of the two views", func(r *EpochReport) float64 { return r.Health.ViewAgreement }))
}

func (t *Trainer) chart(title string, y func(*EpochReport) float64) report.Chart {
	line := report.Line{Name: title}
	for _, r := range t.state.History {
		line.X, line.Y = append(line.X, float64(r.Epoch)), append(line.Y, y(r))
	}
	return report.Chart{Title: title, Lines: []report.Line{line}}
}

// qualityTable compares what training started from with what came of it.
func (t *Trainer) qualityTable() report.Table {
	table := report.Table{Title: "Quality", Columns: []string{"", "R@1", "R@2", "R@4", "R@8", "MAP@R", "NMI", "ARI", "F1"}}
	add := func(name string, s *eval.Scores) {
		if s == nil {
			return
		}
		row := []string{name}
		for _, v := range []float64{s.Recall[1], s.Recall[2], s.Recall[4], s.Recall[8], s.MAPAtR, s.NMI, s.ARI, s.F1} {
			row = append(row, fmt.Sprintf("%.3f", v))
		}
		table.Rows = append(table.Rows, row)
	}
	all := func(when string, q *Quality) {
		add(when+": pooled features", q.Pooled)
		add(when+": whitened features", q.Whitened)
		add(when+": embedding, not whitened", q.Raw)
		add(when+": embedding", q.Scores)
	}
	if t.state.Before != nil {
		all("before", t.state.Before)
	}
	for _, r := range t.state.History {
		if r.Quality != nil {
			all(fmt.Sprintf("epoch %d", r.Epoch), r.Quality)
		}
	}
	if t.state.Result != nil {
		all("after", t.state.Result.After)
	}
	return table
}

// settingsOf lists the configuration in the order of its fields.
func settingsOf(c Config) []report.Field {
	var list []report.Field
	v := reflect.ValueOf(c)
	for i := range v.NumField() {
		list = append(list, report.Field{Name: v.Type().Field(i).Tag.Get("yaml"), Value: fmt.Sprint(v.Field(i).Interface())})
	}
	return list
}
