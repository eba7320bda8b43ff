package export

import (
	"errors"
	"fmt"
	"path/filepath"

	"udml-gpu/engine/checkpoint"
	"udml-gpu/engine/data/baddata"
	"udml-gpu/engine/eval"
	"udml-gpu/engine/run"
)

// metric is a figure of the model card, in the words of hubs.
type metric struct {
	Type, Name string
	Value      float64
}

// metrics are what the run has measured with labels for the vectors that are written, and what they are of. None where no run is written,
// there are no labels, or its last checkpoint lies between two measurements.
func (f *folder) metrics() (list []metric, data string, err error) {
	if f.q.Run == "" {
		return nil, "", nil
	}
	path, _, err := checkpoint.LatestFile(f.q.Run, run.StateFile, run.MaxState)
	if errors.Is(err, checkpoint.ErrNone) { // the network of a collection has no state
		return nil, "", nil
	}
	if err != nil {
		return nil, "", baddata.Errorf("--run: %w", err)
	}
	s, err := run.ReadState(filepath.Dir(path))
	if err != nil {
		return nil, "", err
	}
	scores := scoresOf(measured(&s), f.q.Layer)
	if scores == nil {
		return nil, "", nil
	}
	for _, k := range scores.Ks() {
		list = append(list, metric{fmt.Sprintf("recall_at_%d", k), fmt.Sprintf("Recall@%d", k), scores.Recall[k]})
	}
	list = append(list, metric{"map_at_r", "MAP@R", scores.MAPAtR}, metric{"nmi", "NMI", scores.NMI})
	return list, fmt.Sprintf("%d images of %d classes, apart from the training images where the data set has a test split",
		scores.Images, scores.Classes), nil
}

// measured is the quality of the state's network; nil where it was not measured.
func measured(s *run.State) *run.Quality {
	switch {
	case s.EpochStep > 0:
		return nil
	case s.Result != nil:
		return s.Result.After
	case s.Epoch > 0:
		return s.History[s.Epoch-1].Quality
	}
	return s.Before
}

func scoresOf(q *run.Quality, layer string) *eval.Scores {
	switch {
	case q == nil:
		return nil
	case layer == "pooled":
		return q.Pooled
	}
	return q.Scores
}
