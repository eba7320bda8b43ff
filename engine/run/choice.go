package run

import (
	"fmt"

	"udml-gpu/engine/criteria"
	"udml-gpu/engine/report"
)

// Choice is which network a run that has trained leaves behind: what training started from, what it has made, or a mixture of both.
type Choice struct {
	Asked string  `json:"asked"` // --result
	Kept  string  `json:"kept"`  // start, mixture or trained
	Share float64 `json:"share"` // of the trained weights in the network: 0 start, 1 trained
	Text  string  `json:"text"`  // what was kept, and why, as a sentence
	// Candidates are what was compared, the start and the trained network; none where nothing was.
	Candidates []Candidate `json:"candidates,omitempty"`
}

// Candidate is a network that could have been kept.
type Candidate struct {
	Share float64 `json:"share"`
	criteria.Figures
}

// NewChoice is that of the network with that share of the trained weights; why ends the sentence, or is "".
func NewChoice(asked string, share float64, why string) *Choice {
	c := &Choice{Asked: asked, Share: share}
	switch share {
	case 0:
		c.Kept, c.Text = "start", "what training started from is kept"
	case 1:
		c.Kept, c.Text = "trained", "the trained network is kept"
	default:
		c.Kept = "mixture"
		c.Text = fmt.Sprintf("a mixture of %.0f%% of the trained weights with those that training started from is kept", 100*share)
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
		if m.Share == c.Share {
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

// name is what the candidate is called in a table.
func (m *Candidate) name() string {
	if m.Share == 0 {
		return "before training, whitened"
	}
	return "trained"
}
