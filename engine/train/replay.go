package train

import "udml-gpu/kernels"

// A step queues the same launches each time: what differs lies in stepNumbers and in the step's inputs, which are written before it. On a
// GPU it is therefore captured as a CUDA graph, after some steps in the usual way, and the host then calls the driver once a step and not
// hundreds of times. Both ways give the same bytes.

// warmSteps is how many steps of a size are queued in the usual way before one is captured: they find the plans of libraries and leave the
// memory that a step needs in the device's pool, neither of which a capture can do.
const warmSteps = 2

// replay is a step's CUDA graph.
type replay struct {
	graph    *kernels.Graph // nil: not captured yet
	recorder *recorder      // that it writes to; nil: none
	arena    int            // version of the arena whose memory it names
	steps    int            // in the usual way, since the arena changed
}

// drop gives the graph back; the next steps are queued in the usual way.
func (p *replay) drop() {
	if p.graph != nil {
		p.graph.Free()
	}
	*p = replay{}
}

// Replay has steps on a GPU launched as CUDA graphs, or queued op by op as a new learner does.
func (l *Learner) Replay(on bool) { l.replays = on }

// Replays says whether the last step of s was launched as a CUDA graph; if it was not although Replay is on, why holds what was in the way,
// or is empty while steps are still to come before the capture.
func (l *Learner) Replays(s *Step) (yes bool, why string) {
	return l.replays && s.replay.graph != nil, l.slower
}

// launch launches the graph of a step, which it captures when the step is warm. False: nothing is queued, and the step must be.
func (l *Learner) launch(s *Step, r *recorder) bool {
	p, arena := &s.replay, l.Network.Arena.Version()
	if p.arena != arena || p.recorder != r {
		p.drop()
		p.arena, p.recorder = arena, r
	}
	p.steps++
	if !l.replays || l.slower != "" || p.graph == nil && p.steps <= warmSteps {
		return false
	}
	if p.graph == nil && !l.capture(s, r) {
		return false
	}
	p.graph.Launch()
	return true
}

// capture captures a step, or notes why it cannot be.
func (l *Learner) capture(s *Step, r *recorder) bool {
	if l.group.Ranks() > 1 {
		return l.goSlower("a step of several ranks waits for what others send")
	}
	if !l.Network.Device.CUDA() {
		return l.goSlower("a CPU has none")
	}
	graph, err := l.Network.Device.Capture(func() { l.queue(s, r) })
	if err != nil {
		return l.goSlower(err.Error())
	}
	s.replay.graph = graph
	return true
}

// goSlower notes what keeps steps from being graphs, once.
func (l *Learner) goSlower(why string) bool {
	l.slower = why
	if l.tell != nil {
		l.tell("steps are queued op by op and not as CUDA graphs, which give the same numbers sooner: " + why)
	}
	return false
}
