package train

import (
	"errors"
	"fmt"

	"udml-gpu/kernels"
)

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
	if !l.replays || l.slower != "" {
		return false
	}
	state := uint32(0)
	if p.graph == nil {
		state = lacks
		if p.steps <= warmSteps {
			state = cold
		}
	}
	state = l.group.Agree("agree on graphs of steps", state)
	if l.group.Err() != nil || state&cold != 0 || state&lacks != 0 && !l.capture(s, r) {
		return false
	}
	p.graph.Launch()
	l.group.Launched("step")
	return true
}

// What a rank says of its graph of a step. An exchange that is captured on one rank must be so on all, and they must launch these very
// graphs: so they make them in the same step, anew where one of them has to.
const (
	lacks   = 1 << iota // it has none
	cold                // and the step is not warm
	refused             // it cannot make one
)

// capture captures a step, on all ranks, or notes why it cannot be.
func (l *Learner) capture(s *Step, r *recorder) bool {
	ranks := l.group.Ranks()
	if ranks > 1 && !l.group.Direct(l.Network.Device) {
		return l.goSlower("the host waits in each step for what other ranks send, where NCCL does not carry it")
	}
	if !l.Network.Device.CUDA() {
		return l.goSlower("a CPU has none")
	}
	if s.replay.graph != nil {
		s.replay.graph.Free()
		s.replay.graph = nil
	}
	graph, err := l.Network.Device.Capture(func() { l.queue(s, r) })
	state := uint32(0)
	if err != nil {
		state = refused
	}
	if state = l.group.Agree("capture a step", state); err == nil && state != 0 {
		graph.Free()
		err = errors.New("another rank cannot capture them")
	}
	if err != nil {
		return l.goSlower(err.Error())
	}
	s.replay.graph = graph
	if ranks > 1 && !l.told && l.tell != nil {
		l.told = true
		l.tell(fmt.Sprintf("steps of %d ranks are launched as CUDA graphs", ranks))
	}
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
