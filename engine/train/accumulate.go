package train

import (
	"strings"

	"udml-gpu/models/tape"
)

// tellParts says what a step in parts changes: a batch norm of the backbone, and nothing else, sees its part alone.
func (t *Trainer) tellParts() {
	parts := t.Network.Config.Accumulate
	if parts <= 1 || !t.normsBatches() {
		return
	}
	t.log.Warn().Int("parts", parts).Msgf("--accumulate %d: %s has batch norm, whose statistics are those of each part alone, so that its "+
		"steps differ from those of whole batches; a network without batch norm takes the same steps", parts, t.Network.Backbone.Name)
}

// normsBatches says whether training uses statistics of batches in the backbone.
func (l *Learner) normsBatches() bool {
	for _, p := range l.Network.Store.Params() {
		if p.Group == tape.Backbone && !p.Frozen && strings.HasSuffix(p.Name, ".running_mean") {
			return true
		}
	}
	return false
}
