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
	Live      float64            `json:"live"`
	Expected  float64            `json:"expected"`
	Agreement float64            `json:"agreement"`
	Labels    []int32            `json:"labels"` // how often each cluster was chosen

	Neighbours []int32 `json:"neighbours,omitempty"` // of each image, with --positives neighbours
}

// fits says that the epoch's lists are those of a run with k clusters and n images.
func (p *Partial) fits(k, n int) bool {
	for _, v := range p.Neighbours {
		if int(v) < -1 || int(v) >= n {
			return false
		}
	}
	return len(p.Labels) == k && (p.Neighbours == nil || len(p.Neighbours) == n)
}

// ReadPartial reads epoch.json of the checkpoint in dir, of a run with k clusters and n images, after that many steps.
func ReadPartial(dir string, steps, k, n int) (*Partial, error) {
	path := filepath.Join(dir, epochFile)
	b, err := readLimited(path, maxState)
	if err != nil {
		return nil, baddata.Errorf("--resume: %v", err)
	}
	p, err := parsePartial(b)
	if err == nil && (p.Steps != steps || !p.fits(k, n)) {
		err = errors.New("it does not fit the checkpoint's " + StateFile)
	}
	if err != nil {
		return nil, baddata.Errorf("%s is damaged: %v", path, err)
	}
	return p, nil
}

func parsePartial(b []byte) (*Partial, error) {
	var p Partial
	if err := json.Unmarshal(b, &p); err != nil {
		return nil, err
	}
	if p.Images < 0 || p.Skipped < 0 || p.Skipped > p.Steps {
		return nil, errors.New("its counts cannot be")
	}
	return &p, nil
}
