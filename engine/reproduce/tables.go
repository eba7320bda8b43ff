// Package reproduce runs the rows of a published table as ordinary runs, one after another, and puts what they measure beside what was
// published.
package reproduce

import (
	"fmt"
	"slices"
	"strings"

	"udml-gpu/engine/setting"
)

// Table is a comparison of methods on one data set with one protocol.
type Table struct {
	Name    string
	Set     string // the data set's name
	Format  string // of --data
	Images  int    // of its test classes
	Classes int    // to test on
	Preset  string // the protocol of all rows
	Rows    []Row
}

// Row is a method of a table.
type Row struct {
	Method    string // its name in engine/method, and that of the run's folder
	Self      bool   // both views of a row show one image: --positives neighbours of a preset is for CBSwR and its parts
	Published *Published
}

// Published are the figures of a paper, from 0 to 1. Only those stand here that were read in the named source; 0: none.
type Published struct {
	Recall1 float64 `json:"recall@1,omitempty"`
	NMI     float64 `json:"nmi,omitempty"`
	Source  string  `json:"source"`
}

// Where published figures were read.
const (
	readme = "README of the program published with CBSwR (github.com/aioz-ai/BMVC20_CBSwR)"
	figure = "read off a figure of the program of STML (Kim et al., CVPR 2022; github.com/sung-yeon-kim/STML-CVPR22), which shows Recall@1"
	ownWay = figure + "; by its own crops, pooling and 90 epochs"
	mined  = figure + "; of 64 dimensions, mined in features of regions at three scales"
)

// tables are all tables. A method is added to one by a line.
var tables = []Table{
	{"cbswr-table1", "CUB-200-2011", "cub", 5924, 100, "cbswr-cub", []Row{
		{Method: "triplet"},
		{Method: "npair"},
		{Method: "contrastive"},
		{Method: "exemplar"},
		{Method: "nce"},
		{Method: "deepcluster"},
		{Method: "mom", Published: &Published{Recall1: 0.453, Source: mined}},
		{Method: "instance", Self: true, Published: &Published{Recall1: 0.462, Source: figure}},
		{Method: "stml", Published: &Published{Recall1: 0.597, Source: ownWay}},
		{Method: "rim"},
		{Method: "cbs"},
		{Method: "cbswr", Published: &Published{Recall1: 0.475, NMI: 0.559, Source: readme}},
	}},
	{"cbswr-table2", "Cars196", "cars", 8131, 98, "cbswr-cars", []Row{
		{Method: "triplet"},
		{Method: "npair"},
		{Method: "contrastive"},
		{Method: "exemplar"},
		{Method: "nce"},
		{Method: "deepcluster"},
		{Method: "mom"},
		{Method: "instance", Self: true},
		{Method: "stml"},
		{Method: "rim"},
		{Method: "cbs"},
		{Method: "cbswr", Published: &Published{Recall1: 0.456, NMI: 0.376, Source: readme}},
	}},
}

// Names are the names of the tables.
func Names() (names []string) {
	for _, t := range tables {
		names = append(names, t.Name)
	}
	return names
}

// Find is the table of that name. An unknown one is a UsageError.
func Find(name string) (Table, error) {
	i := slices.IndexFunc(tables, func(t Table) bool { return t.Name == name })
	if i < 0 {
		return Table{}, setting.Usage("there is no table %q: expected one of %s", name, strings.Join(Names(), ", "))
	}
	return tables[i], nil
}

// Only is the table with the rows of these methods, separated by commas; all of them for "". A method that the table lacks is a UsageError.
func (t Table) Only(methods string) (Table, error) {
	if methods == "" {
		return t, nil
	}
	all := t.Rows
	t.Rows = nil
	for name := range strings.SplitSeq(methods, ",") {
		name = strings.TrimSpace(name)
		i := slices.IndexFunc(all, func(r Row) bool { return r.Method == name })
		if i < 0 {
			return t, setting.Usage("--rows %s: %s has no row %q, expected some of %s", methods, t.Name, name, rowNames(all))
		}
		if !slices.Contains(t.Rows, all[i]) {
			t.Rows = append(t.Rows, all[i])
		}
	}
	return t, nil
}

func rowNames(rows []Row) string {
	var names []string
	for _, r := range rows {
		names = append(names, r.Method)
	}
	return strings.Join(names, ", ")
}

// CheckData is a UsageError unless data is of the table's format.
func (t Table) CheckData(data string) error {
	if strings.HasPrefix(data, t.Format+":") {
		return nil
	}
	return setting.Usage("%s is measured on %s: name it with --data %s:DIR", t.Name, t.Set, t.Format)
}

// Settings are the settings of the table's protocol, below which a settings file, with its path and text, and later flags lie.
func (t Table) Settings(path string, text []byte) (*setting.Layers, error) {
	return setting.NewLayers(t.Preset, path, text)
}

// Lay puts the row's own settings under what file, environment and flags have set; the method is always the row's.
func (r Row) Lay(l *setting.Layers) {
	l.Config.Method = r.Method
	l.Note("method", setting.FromPreset)
	if r.Self {
		l.Under("positives", "self")
	}
}

// Protocol are the settings of the row with nothing changed, for the data and the folder of c.
func (t Table) Protocol(r Row, c setting.Config) (setting.Config, error) {
	l, err := t.Settings("", nil)
	if err != nil {
		return c, err
	}
	r.Lay(l)
	l.Config.Data, l.Config.Out = c.Data, c.Out
	if err := l.Resolve(); err != nil {
		return c, fmt.Errorf("the protocol of %s: %w", t.Name, err)
	}
	return l.Config, nil
}
