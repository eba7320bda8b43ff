package run

import (
	"encoding/json"
	"errors"
	"path/filepath"

	"udml-gpu/engine/data/baddata"
)

// Partial holds the figures of an unfinished epoch: epoch.json of a checkpoint in the middle of an epoch. Go writes a float64
// so that it is read back to the bit; so the epoch's means are the same as without the interruption.
type Partial struct {
	Steps     int                `json:"steps"`
	Images    int                `json:"images"`
	Skipped   int                `json:"skipped"`
	Sums      map[string]float64 `json:"sums"`
	Last      map[string]float64 `json:"last"`
	Agreement float64            `json:"agreement"`
	Labels    []int32            `json:"labels,omitempty"` // how often each cluster was chosen

	// Stretches are nil after the first epochs, and in checkpoints of versions that did not have them.
	Stretches *Stretches `json:"stretches,omitempty"`

	// The images that the rows of the epoch show in the first view and in the others; nil where the method has no plan.
	First  []int32 `json:"plan_first,omitempty"`
	Second []int32 `json:"plan_second,omitempty"`
	// The labels of these rows; nil where the plan has none.
	RowLabels []int32 `json:"plan_labels,omitempty"`

	// Method is the state of the method (method.EpochKeeper): further keys of the same object. After reading it holds all keys.
	Method map[string]json.RawMessage `json:"-"`
}

// MarshalJSON writes the method's keys beside the others.
func (p *Partial) MarshalJSON() ([]byte, error) {
	type plain Partial
	b, err := json.Marshal((*plain)(p))
	if err != nil || len(p.Method) == 0 {
		return b, err
	}
	all := map[string]json.RawMessage{}
	for key, v := range p.Method {
		all[key] = v
	}
	if err := json.Unmarshal(b, &all); err != nil {
		return nil, err
	}
	return json.Marshal(all)
}

// Shape are the lengths that the run expects of the lists of its unfinished epoch.
type Shape struct{ Steps, Clusters, Rows, Images int }

// fits says whether the epoch's lists have that shape and name only images of the run.
func (p *Partial) fits(s Shape) bool {
	for _, list := range [][]int32{p.First, p.Second} {
		for _, image := range list {
			if image < 0 || int(image) >= s.Images {
				return false
			}
		}
	}
	planned := len(p.First) == s.Rows && len(p.Second) == s.Rows && (p.RowLabels == nil || len(p.RowLabels) == s.Rows)
	return p.Steps == s.Steps && len(p.Labels) == s.Clusters && (planned || p.First == nil && p.Second == nil && p.RowLabels == nil)
}

// ReadPartial reads epoch.json of the checkpoint in dir. One that does not fit the shape is an error.
func ReadPartial(dir string, s Shape) (*Partial, error) {
	path := filepath.Join(dir, epochFile)
	b, err := readLimited(path, MaxState)
	if err != nil {
		return nil, baddata.Errorf("--resume: %v", err)
	}
	p, err := parsePartial(b)
	if err == nil && !p.fits(s) {
		err = errors.New("it does not fit the checkpoint's " + StateFile)
	}
	if err != nil {
		return nil, PartialError(dir, err)
	}
	return p, nil
}

// PartialError is the error for the epoch.json of the checkpoint in dir.
func PartialError(dir string, why error) error {
	return baddata.Errorf("%s is damaged: %v", filepath.Join(dir, epochFile), why)
}

func parsePartial(b []byte) (*Partial, error) {
	var p Partial
	if err := json.Unmarshal(b, &p); err != nil {
		return nil, err
	}
	if p.Images < 0 || p.Skipped < 0 || p.Skipped > p.Steps {
		return nil, errors.New("its counts contradict each other")
	}
	if err := p.Stretches.check(p.Steps); err != nil {
		return nil, err
	}
	return &p, json.Unmarshal(b, &p.Method)
}
