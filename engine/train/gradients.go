package train

import "udml-gpu/models/shard"

// Gradients of the backbone are sums over shards, which the ranks add up together.

// The sizes of the pieces in which they are added up, in bytes. The first is small, so that it is under way soon. Variables, for tests.
var firstBucket, otherBucket = 1 << 20, 4 << 20

const addGradients = "add gradients"

// overlaps says whether gradients are added up while the backward pass goes on: not where they go from GPU to GPU by way of the hosts,
// which wait for all that is queued.
func (l *Learner) overlaps() bool {
	dev := l.Network.Device
	return l.group.Ranks() > 1 && (!dev.CUDA() || l.group.Direct(dev))
}

// transport is in which numbers gradients travel.
func (l *Learner) transport() shard.Transport {
	if l.Network.Config.Exchange == "bf16" {
		return shard.Bfloat16
	}
	return shard.Exact
}

// addInBackward has the backward pass of a step begin to add up gradients as soon as they are there, once they lie together (Flatten).
func (l *Learner) addInBackward(s *Step) {
	if s.cut == nil || l.group.Ranks() == 1 {
		return
	}
	live, by := s.cut.Live(), l.transport()
	for _, b := range l.Network.Store.ShardBuckets(firstBucket, otherBucket) {
		s.program.AfterGradients(b.Params, func() {
			if l.overlaps() {
				l.group.BeginSum(by, addGradients, b.Sum, b.Parts, live)
			}
		})
	}
}

// addGradients adds up the gradients of a step that has run, or waits for what its backward pass has begun.
func (l *Learner) addGradients(s *Step) {
	if l.overlaps() {
		l.group.Wait()
		return
	}
	if sum, parts := l.Network.Store.ShardGradients(); parts != nil {
		l.group.SumBy(l.transport(), addGradients, sum, parts, s.cut.Live())
	}
}
