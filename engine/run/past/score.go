package past

import (
	"fmt"

	"udml-gpu/engine/eval"
	"udml-gpu/engine/run"
)

// Score is one figure of quality.
type Score struct {
	Figure string  `json:"figure"` // recall@1 with labels; without, view_recall or effective_rank
	Value  float64 `json:"value"`
	At     string  `json:"at"` // "epoch 3", or "end": of the finished run
}

// The figures of quality that are not scores.
const (
	viewRecall    = "view_recall"
	effectiveRank = "effective_rank"
	recallAt1     = "recall@1"
)

// measured are the evaluations of training, in order, with their names. The one before training is not among them.
func measured(s *run.State) (list []*run.Quality, names []string) {
	for _, h := range s.History {
		if h.Quality != nil {
			list, names = append(list, h.Quality), append(names, fmt.Sprintf("epoch %d", h.Epoch))
		}
	}
	if s.Result != nil {
		list, names = append(list, s.Result.After), append(names, "end")
	}
	return list, names
}

// best is the best evaluation by the first figure that any of them has; of equal ones the last. Nil: there is none.
func best(s *run.State) *Score {
	list, names := measured(s)
	for _, figure := range []string{recallAt1, viewRecall, effectiveRank} {
		var b *Score
		for i, q := range list {
			if v, ok := figuresOf(q)[figure]; ok && (b == nil || v >= b.Value) {
				b = &Score{Figure: figure, Value: v, At: names[i]}
			}
		}
		if b != nil {
			return b
		}
	}
	return nil
}

// figuresOf are the figures of the embedding by name, without those that were not measured.
func figuresOf(q *run.Quality) map[string]float64 {
	all := map[string]float64{}
	if q == nil {
		return all
	}
	all[effectiveRank] = q.EffectiveRank
	if q.ViewRecall != nil {
		all[viewRecall] = *q.ViewRecall
	}
	if s := q.Scores; s != nil {
		for k, v := range s.Recall {
			all[fmt.Sprintf("recall@%d", k)] = v
		}
		all["map_at_r"], all["nmi"], all["ami"], all["ari"], all["f1"] = s.MAPAtR, s.NMI, s.AMI, s.ARI, s.F1
	}
	return all
}

// scored are the scores of the last evaluation that has any; nil without labels.
func scored(s *run.State) *eval.Scores {
	list, _ := measured(s)
	for i := len(list) - 1; i >= 0; i-- {
		if list[i].Scores != nil {
			return list[i].Scores
		}
	}
	if s.Before != nil {
		return s.Before.Scores
	}
	return nil
}

// BestText is the best score for people; "" where there is none.
func (r *Run) BestText() string {
	if r.Best == nil {
		return ""
	}
	return fmt.Sprintf("%s %s (%s)", title(r.Best.Figure), figureText(r.Best.Figure, r.Best.Value), r.Best.At)
}
