package run

import (
	"encoding/json"
	"errors"
	"path/filepath"

	"udml-gpu/engine/data/baddata"
)

// Partial is what an unfinished epoch has shown: epoch.json of a checkpoint in the middle of one. Go writes a float64 so
// that it is read back to the bit, and the epoch's means come out as if nothing had happened.
type Partial struct {
	Steps     int                `json:"steps"`
	Images    int                `json:"images"`
	Skipped   int                `json:"skipped"`
	Sums      map[string]float64 `json:"sums"`
	Last      map[string]float64 `json:"last"`
	Agreement float64            `json:"agreement"`
	Labels    []int32            `json:"labels,omitempty"` // how often each cluster was chosen

	// Method is what the method keeps (method.EpochKeeper): further keys beside the others. Of a file that was read it holds all keys.
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

// ReadPartial reads epoch.json of the checkpoint in dir, of a run that counts the choices of k clusters, after that many steps.
func ReadPartial(dir string, steps, k int) (*Partial, error) {
	path := filepath.Join(dir, epochFile)
	b, err := readLimited(path, maxState)
	if err != nil {
		return nil, baddata.Errorf("--resume: %v", err)
	}
	p, err := parsePartial(b)
	if err == nil && (p.Steps != steps || len(p.Labels) != k) {
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
	return &p, json.Unmarshal(b, &p.Method)
}
