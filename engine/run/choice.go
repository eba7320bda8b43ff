package run

import (
	"fmt"

	"udml-gpu/engine/criteria"
	"udml-gpu/engine/report"
	"udml-gpu/engine/setting"
)

// Kept is a network that a run can leave behind.
type Kept struct {
	Name  string  `json:"kept"`  // start, mixture, rewhitened or trained
	Share float64 `json:"share"` // of the trained weights in the backbone: 0 start, 1 rewhitened and trained
}

// What is no mixture: what training started from, the backbone that it has made with the embedding layer fitted anew, and all that it has
// made.
var (
	Start      = Kept{"start", 0}
	Rewhitened = Kept{"rewhitened", 1}
	Trained    = Kept{"trained", 1}
)

// KeptBy is the network that a value of --result names; false for auto.
func KeptBy(result string) (Kept, bool) {
	for _, k := range []Kept{Start, Rewhitened, Trained} {
		if result == k.Name {
			return k, true
		}
	}
	share, ok := setting.ResultShare(result)
	switch {
	case !ok:
		return Kept{}, false
	case share == Start.Share:
		return Start, true
	case share == Rewhitened.Share:
		return Rewhitened, true
	}
	return Kept{"mixture", share}, true
}

// Choice is which network a run that has trained leaves behind: what training started from, what it has made, or a mixture of both.
type Choice struct {
	Asked string `json:"asked"` // --result
	Kept
	Text string `json:"text"` // what was kept, and why, as a sentence
	// Candidates are what was compared, the start first; none where nothing was.
	Candidates []Candidate `json:"candidates,omitempty"`
}

// Candidate is a network that could have been kept.
type Candidate struct {
	Kept
	criteria.Figures
}

// NewChoice is that of kept; why ends the sentence, or is "".
func NewChoice(asked string, kept Kept, why string) *Choice {
	c := &Choice{Asked: asked, Kept: kept}
	switch kept {
	case Start:
		c.Text = "what training started from is kept"
	case Trained:
		c.Text = "the trained network is kept"
	case Rewhitened:
		c.Text = "the trained backbone is kept, its features whitened anew"
	default:
		c.Text = fmt.Sprintf("a mixture of %.0f%% of the trained weights with those that training started from is kept", 100*kept.Share)
	}
	if why != "" {
		c.Text += ": " + why
	}
	return c
}

// Chosen says whether the result was chosen as --result asks for. Where nothing was trained, or an earlier version has trained, there was
// no choice, and only the trained network was asked for.
func (r *Result) Chosen(asked string) bool {
	if r.Choice == nil {
		return r.Epochs == 0 || asked == "trained"
	}
	return r.Choice.Asked == asked
}

// foundBetter says whether a comparison without labels has found the network that is kept better than the start.
func (c *Choice) foundBetter() bool { return c != nil && len(c.Candidates) > 0 && c.Share > 0 }

// keptStart says whether a comparison without labels has found nothing better than the start.
func (c *Choice) keptStart() bool { return c != nil && len(c.Candidates) > 0 && c.Share == 0 }

// table compares the candidates; false where there are none.
func (c *Choice) table() (report.Table, bool) {
	if c == nil || len(c.Candidates) == 0 {
		return report.Table{}, false
	}
	t := report.Table{
		Title:   "What could be kept, measured without labels",
		Columns: []string{"", "directions of the features", "of the embedding", "directions that tell images apart (LiDAR)"},
	}
	for _, m := range c.Candidates {
		name := m.name()
		if m.Kept == c.Kept {
			name += " (kept)"
		}
		row := []string{name}
		for _, v := range []float64{m.PooledRank, m.Rank, m.LiDAR} {
			row = append(row, fmt.Sprintf("%.1f", v))
		}
		t.Rows = append(t.Rows, row)
	}
	return t, true
}

// name is what the network is called in a table.
func (k Kept) name() string {
	switch {
	case k.Share == 0:
		return "before training, whitened"
	case k == Rewhitened:
		return "trained, features whitened anew"
	}
	return "trained"
}
