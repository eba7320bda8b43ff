package past

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"udml-gpu/engine/setting/table"
)

// Comparison is what differs between runs. In every list the runs have the order of Runs.
type Comparison struct {
	Runs []*Run `json:"runs"`
	// SameData says whether all runs were trained on the same images; nil where that is unknown, for the reason DataNote.
	SameData *bool    `json:"same_data"`
	DataNote string   `json:"data_note"`
	Settings []Values `json:"settings"` // those that differ
	Result   []Figure `json:"result"`
	Pairs    []Pair   `json:"pairs"`
	Curves   []Curve  `json:"curves"`
}

// Values are the values of a setting in all runs; nil: the run's method has no such setting.
type Values struct {
	Key    string `json:"key"`
	Values []any  `json:"values"`
}

// Figure is a figure of quality before and after training in all runs; nil: not measured.
type Figure struct {
	Figure string     `json:"figure"`
	Before []*float64 `json:"before"`
	After  []*float64 `json:"after"`
}

// Compare reads the runs in these folders. One without readable settings is a *baddata.Error.
func Compare(dirs []string) (*Comparison, error) {
	c := &Comparison{Settings: []Values{}, Result: []Figure{}, Curves: []Curve{}}
	for _, dir := range dirs {
		r, err := wanted(dir)
		if err != nil {
			return nil, err
		}
		c.Runs = append(c.Runs, r)
	}
	c.compareSettings()
	c.comparePairs(dirs)
	c.compareData()
	c.compareResults()
	c.addCurves()
	return c, nil
}

// compareSettings lists the settings that differ in the order of config.yaml. The folder of a run always differs.
func (c *Comparison) compareSettings() {
	var rows [][]table.Row
	var keys []string
	for _, r := range c.Runs {
		rows = append(rows, r.config.Rows())
		for i, row := range rows[len(rows)-1] {
			if !slices.Contains(keys, row.Key) {
				keys = slices.Insert(keys, min(i, len(keys)), row.Key)
			}
		}
	}
	for _, key := range keys {
		v := Values{Key: key, Values: make([]any, len(rows))}
		for i := range rows {
			if row, ok := table.Find(rows[i], key); ok {
				v.Values[i] = row.Value()
			}
		}
		if key != "out" && slices.ContainsFunc(v.Values, func(o any) bool { return o != v.Values[0] }) {
			c.Settings = append(c.Settings, v)
		}
	}
}

// pixelSettings decide how images are prepared; the fingerprint of the data is of prepared images.
var pixelSettings = []string{"size", "resize", "resize-mode", "interpolation", "channels", "invert", "labels", "boxes", "max-pixels"}

// compareData says whether the runs saw the same images.
func (c *Comparison) compareData() {
	var other []string
	for _, v := range c.Settings {
		if slices.Contains(pixelSettings, v.Key) {
			other = append(other, "--"+v.Key)
		}
	}
	same, known := true, true
	for _, r := range c.Runs {
		known = known && r.Fingerprint != ""
		same = same && r.Fingerprint == c.Runs[0].Fingerprint
	}
	switch {
	case !known:
		c.DataNote = "whether the images are the same is unknown: a run has no readable checkpoint yet"
	case same:
		c.DataNote = "the same images and labels"
	case len(other) > 0:
		c.DataNote = "whether the images are the same is unknown: they were prepared with different " + strings.Join(other, ", ")
		known = false
	case c.sameTest():
		c.DataNote = "the images or labels to train on differ, those of the scores are the same"
	default:
		c.DataNote = "the images or labels differ: scores of different data cannot be compared"
	}
	if known {
		c.SameData = &same
	}
}

// compareResults lists the figures that any run has, before training and after its end.
func (c *Comparison) compareResults() {
	before, after := make([]map[string]float64, len(c.Runs)), make([]map[string]float64, len(c.Runs))
	seen := map[string]bool{}
	for i, r := range c.Runs {
		if r.state == nil {
			continue
		}
		before[i] = figuresOf(r.state.Before)
		if r.state.Result != nil {
			before[i], after[i] = figuresOf(r.state.Result.Before), figuresOf(r.state.Result.After)
		}
		for _, m := range []map[string]float64{before[i], after[i]} {
			for key := range m {
				seen[key] = true
			}
		}
	}
	for _, key := range slices.SortedFunc(maps.Keys(seen), byRank) {
		f := Figure{Figure: key, Before: make([]*float64, len(c.Runs)), After: make([]*float64, len(c.Runs))}
		for i := range c.Runs {
			f.Before[i], f.After[i] = at(before[i], key), at(after[i], key)
		}
		c.Result = append(c.Result, f)
	}
}

func at(m map[string]float64, key string) *float64 {
	if v, ok := m[key]; ok {
		return &v
	}
	return nil
}

// byRank orders figures: Recall@K by K, the other scores, those without labels.
func byRank(a, b string) int {
	rank := func(key string) int {
		var k int
		if n, _ := fmt.Sscanf(key, "recall@%d", &k); n == 1 {
			return k
		}
		return 1<<40 + slices.Index([]string{"map_at_r", "nmi", "ami", "ari", "f1", effectiveRank, viewRecall}, key)
	}
	return cmp.Compare(rank(a), rank(b))
}
