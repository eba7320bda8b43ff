package train

import (
	"strings"

	"udml-gpu/engine/setting"
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

// checkParts is a UsageError for parts of shards whose batch norms would have to meet: each part computes its features twice.
func (l *Learner) checkParts() error {
	if l.group.Shards() > 1 && l.Network.Config.Accumulate > 1 && l.normsBatches() {
		return setting.Usage("--accumulate %d with --shards %d: the batch norms of %s see the whole batch, which parts of a shard cannot; "+
			"take --bn frozen, or more shards on more ranks", l.Network.Config.Accumulate, l.group.Shards(), l.Network.Backbone.Name)
	}
	return nil
}

// normsBatches says whether training uses statistics of batches in the backbone.
func (l *Learner) normsBatches() bool {
	if l.Network.Config.BatchNorm == "frozen" {
		return false
	}
	for _, p := range l.Network.Store.Params() {
		if p.Group == tape.Backbone && !p.Frozen && strings.HasSuffix(p.Name, ".running_mean") {
			return true
		}
	}
	return false
}
