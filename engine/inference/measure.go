package inference

import (
	"context"

	"udml-gpu/engine/data"
	"udml-gpu/engine/data/baddata"
	"udml-gpu/engine/data/notes"
	"udml-gpu/engine/eval"
	"udml-gpu/engine/images"
	"udml-gpu/engine/machine"
	"udml-gpu/kernels"
)

// Report is what eval reports: scores where labels are known, health figures always.
type Report struct {
	*eval.Scores
	Images        int     `json:"images"` // that went through the network
	EffectiveRank float64 `json:"effective_rank"`
	Unlabelled    int     `json:"unlabelled_images,omitempty"`
	Skipped       int     `json:"skipped_images,omitempty"`
	Oracle        bool    `json:"oracle,omitempty"`
	Split         string  `json:"split"` // that was taken

	Notes []notes.Note `json:"notes"` // what of the data set is not used, and doubts about how it was read
}

// Measure measures the network on the split. It holds all vectors of it. Several ranks each embed a part of the images and search for a
// part of the queries; all get the same report.
func Measure(ctx context.Context, q Request) (*Report, error) {
	e, from, err := begin(q)
	if err != nil {
		return nil, err
	}
	defer e.Close()
	defer from.Close()
	if q.FitsHead() {
		if err := e.fitHead(ctx, from.Source); err != nil {
			return nil, err
		}
	}
	vectors, skipped, err := e.all(ctx, from.set)
	if err != nil {
		return nil, err
	}
	defer vectors.Free()
	r := &Report{Split: from.set.Name, Skipped: len(skipped), Notes: from.notes}
	return r, q.measure(ctx, vectors, images.Listed(from.set, skipped), r)
}

// all are the vectors [N,D] of those images of a set that can be read, on every rank, and the others.
func (e *Embedder) all(ctx context.Context, set *data.Set) (vectors *kernels.Array, skipped []data.Skip, err error) {
	whole := e.device.New(kernels.Float32, len(set.Items), e.Dim())
	defer whole.Free()
	n := 0
	skipped, err = e.split(ctx, set, true, func(r Rows) error {
		kernels.Write(whole.Rows(n, n+len(r.Images)), r.Vectors)
		n += len(r.Images)
		return nil
	})
	if err != nil {
		return nil, nil, err
	}
	vectors = e.device.New(kernels.Float32, n, e.Dim())
	vectors.CopyFrom(whole.Rows(0, n))
	return vectors, skipped, nil
}

// measure fills the report on vectors of the images.
func (q *Request) measure(ctx context.Context, vectors *kernels.Array, c images.Scored, r *Report) error {
	r.Images, r.EffectiveRank, r.Unlabelled = c.Len(), eval.EffectiveRank(vectors), c.Unlabelled()
	r.Oracle = q.Config.ReadsLabels()
	if err := images.Scorable(q.Config, c); err != nil {
		if r.Unlabelled < r.Images {
			q.UI.Log.Warn().Msgf("no retrieval scores: of the images with a label, %v", err)
		}
		return nil
	}
	o := images.ScoreOptions(q.Config, c)
	o.Progress, o.Group, o.Poll = q.UI.Worked, q.Work.Group(), q.Work.Poll
	s, err := eval.EvaluateLabelled(ctx, vectors, c.Labels(), o)
	if broken := machine.Fault(vectors.Device()); broken != nil {
		return broken
	}
	if gone := q.Work.Group().Err(); gone != nil {
		return gone
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		return baddata.Errorf("%s, --split %s: %v", q.Config.Data, q.Split, err)
	}
	r.Scores = &s
	return nil
}
