package train

import "udml-gpu/models/shard"

// Gradients of the backbone are sums over shards, which the ranks add up together.

// The sizes of the pieces in which they are added up, in bytes. The first is small, so that it is under way soon. Variables, for tests.
var firstBucket, otherBucket = 1 << 20, 4 << 20

const addGradients = "add gradients"

// overlaps says whether gradients are added up while the backward pass goes on: not on a GPU, whose exchanges take their turn among its
// other work.
func (l *Learner) overlaps() bool { return l.group.Ranks() > 1 && !l.Network.Device.CUDA() }

// transport is in which numbers gradients travel.
func (l *Learner) transport() shard.Transport {
	if l.Network.Config.Exchange == "bf16" {
		return shard.Bfloat16
	}
	return shard.Exact
}

// addInBackward has the backward pass of a step begin to add up gradients as soon as they are there, once they lie together (Flatten).
func (l *Learner) addInBackward(s *Step) {
	if s.cut == nil || !l.overlaps() {
		return
	}
	live, by := s.cut.Live(), l.transport()
	for _, b := range l.Network.Store.ShardBuckets(firstBucket, otherBucket) {
		s.program.AfterGradients(b.Params, func() { l.group.BeginSum(by, addGradients, b.Sum, b.Parts, live) })
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
