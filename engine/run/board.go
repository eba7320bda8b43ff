package run

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"udml-gpu/engine/data/rawname"
	"udml-gpu/engine/eval"
	"udml-gpu/engine/report/board"
)

// BoardFile is the name of the event file: TensorBoard looks for "tfevents". It does not tell a time or a host, as those of other programs
// do, so that a resumed run goes on with it.
const BoardFile = "events.out.tfevents.0000000000.udml-gpu"

// Board is the content of the event file for the run so far. It depends on the settings, the history, the result and the pictures alone,
// and grows at its end while these do. Wall time is the time that was trained for, as if training had begun at 0: the curves can be
// drawn over it, and no date is in the file.
func (t *Sheet) Board() []byte {
	b := board.New()
	b.Begin(t.boardSettings())
	if q := t.State.Before; q != nil {
		b.Scalars(board.At{}, q.scalars("quality"))
	}
	end := board.At{}
	for i, r := range t.State.History {
		before := end
		end.Step += r.Steps
		if i < len(t.State.EpochSeconds) {
			end.Wall = max(end.Wall, t.State.EpochSeconds[i]) // 0: unknown
		}
		r.addWithin(b, before, end)
		b.Scalars(end, r.scalars())
	}
	t.addResult(b, end)
	return b.Bytes()
}

// boardSettings are the run's settings without its own folder, which may be moved and is what TensorBoard calls the run.
func (t *Sheet) boardSettings() (list []board.Setting) {
	for _, r := range t.Config.Rows() {
		v := r.Value()
		if s, ok := v.(string); ok {
			v = rawname.Text(s)
		}
		if r.Key != "out" {
			list = append(list, board.Setting{Key: r.Key, Value: v})
		}
	}
	return list
}

// addResult adds what a finished run has come to.
func (t *Sheet) addResult(b *board.Board, at board.At) {
	r := t.State.Result
	if r == nil {
		return
	}
	at.Wall = max(at.Wall, r.Seconds)
	b.Scalars(at, t.lastQuality())
	b.Scalars(at, r.After.scalars("result"))
	b.Text(at, "verdict", strings.Join(slices.Concat(t.lead(), r.Warnings), "\n\n"))
	for _, a := range t.Albums {
		for n, p := range a.Pictures {
			tag := fmt.Sprintf("%s/%02d %s", a.Title, n+1, p.Title)
			b.Image(at, board.Image{Tag: strings.TrimSpace(tag), About: p.About, Encoded: p.Marked(), Width: p.Width, Height: p.Height})
		}
	}
	b.Done(at)
}

// lastQuality goes on with the curves of the epochs, which are of the embedding before the final whitening. It is empty where the last
// epoch was evaluated.
func (t *Sheet) lastQuality() []board.Scalar {
	after, history := t.State.Result.After, t.State.History
	switch {
	case len(history) == 0 || history[len(history)-1].Quality != nil:
		return nil
	case after.Raw != nil:
		return scoreScalars("quality", after.Raw)
	case t.Config.FinalWhiten:
		return nil // without labels there are no scores, and the other figures are of the whitened embedding
	}
	return after.scalars("quality")
}

// scalars are the figures of an epoch.
func (r *EpochReport) scalars() []board.Scalar {
	var list []board.Scalar
	for _, name := range slices.Sorted(maps.Keys(r.Terms)) {
		list = append(list, board.Scalar{Tag: "train/" + rawname.Text(name), Value: r.Terms[name]})
	}
	list = append(list, board.Scalar{Tag: "train/learning_rate", Value: r.LearningRate},
		board.Scalar{Tag: "train/skipped_steps", Value: float64(r.Skipped)})
	for _, f := range r.Health {
		list = append(list, board.Scalar{Tag: "health/" + rawname.Text(f.Key), Value: f.Value})
	}
	if r.Quality != nil {
		list = append(list, r.Quality.scalars("quality")...)
	}
	return list
}

// addWithin adds the means within an epoch that began and ended there.
func (r *EpochReport) addWithin(b *board.Board, began, ended board.At) {
	if r.Within == nil || r.Steps < 1 {
		return
	}
	names := slices.Sorted(maps.Keys(r.Within.Figures))
	for i, step := range r.Within.Steps {
		var list []board.Scalar
		for _, name := range names {
			if values := r.Within.Figures[name]; i < len(values) {
				list = append(list, board.Scalar{Tag: "within/" + rawname.Text(name), Value: values[i]})
			}
		}
		at := board.At{Step: began.Step + step, Wall: began.Wall + (ended.Wall-began.Wall)*float64(step)/float64(r.Steps)}
		b.Scalars(at, list)
	}
}

// scalars are the figures of quality, with tags that begin with group.
func (q *Quality) scalars(group string) []board.Scalar {
	list := scoreScalars(group, q.Scores)
	list = append(list, board.Scalar{Tag: group + "/effective_rank", Value: q.EffectiveRank})
	if q.ViewRecall != nil {
		list = append(list, board.Scalar{Tag: group + "/view_recall", Value: *q.ViewRecall})
	}
	list = append(list, scoreScalars(group+"_pooled", q.Pooled)...)
	return append(list, scoreScalars(group+"_whitened", q.Whitened)...)
}

// scoreScalars are scores under the names that they have in JSON; none of nil.
func scoreScalars(group string, s *eval.Scores) (list []board.Scalar) {
	if s == nil {
		return nil
	}
	for _, k := range s.Ks() {
		list = append(list, board.Scalar{Tag: fmt.Sprintf("%s/recall@%d", group, k), Value: s.Recall[k]})
	}
	return append(list, board.Scalar{Tag: group + "/map_at_r", Value: s.MAPAtR}, board.Scalar{Tag: group + "/nmi", Value: s.NMI},
		board.Scalar{Tag: group + "/ami", Value: s.AMI}, board.Scalar{Tag: group + "/ari", Value: s.ARI},
		board.Scalar{Tag: group + "/f1", Value: s.F1})
}
