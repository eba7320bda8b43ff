package run

import (
	"fmt"
	"strings"

	"udml-gpu/engine/method"
)

// Summary is the quality in a few figures, as text for the log.
func (q *Quality) Summary() string {
	if q.Scores == nil {
		return fmt.Sprintf("effective rank %.1f", q.EffectiveRank)
	}
	s := fmt.Sprintf("Recall@1 %.3f, MAP@R %.3f, NMI %.3f, effective rank %.1f", q.Recall[1], q.MAPAtR, q.NMI, q.EffectiveRank)
	if q.Pooled != nil {
		s += fmt.Sprintf("; pooled features: Recall@1 %.3f", q.Pooled.Recall[1])
	}
	return s
}

// Summary is the epoch in a few figures, as text for the log. methodText is the method's part (method.Figures.Text), or "".
func (r *EpochReport) Summary(epochs int, methodText string) string {
	parts := []string{fmt.Sprintf("epoch %d of %d: loss %.4g", r.Epoch, epochs, r.Terms["loss"])}
	if methodText != "" {
		parts = append(parts, methodText)
	}
	if v, ok := method.Find(r.Health, AgreementKey); ok {
		parts = append(parts, fmt.Sprintf("agreement of the two views %.3f", v))
	}
	if r.Skipped > 0 {
		parts = append(parts, fmt.Sprintf("%d of %d steps skipped, their numbers were not finite", r.Skipped, r.Steps))
	}
	if r.Quality != nil {
		parts = append(parts, r.Quality.Summary())
	}
	return strings.Join(parts, ", ")
}
