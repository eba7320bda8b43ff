package mpi

import (
	"time"

	"udml-gpu/cgo/mpi"
)

// pace is the rhythm in which a rank asks whether messages have come. At first it asks again at once, since the answer of a rank that is
// there takes microseconds, but lets other processes have the core before: the rank that is waited for may need it. Then it sleeps for an
// eighth of the time that it has waited, so that ranks which share cores with the one that is waited for leave them to it; that makes a
// wait an eighth longer at most.
type pace struct {
	began, last time.Time
	lost        time.Duration // time in which this process stood still, as after SIGSTOP, and could see no answer
	asked       int
}

const (
	askAtOnce   = 100 * time.Microsecond
	shortest    = 50 * time.Microsecond
	longest     = time.Millisecond
	stoodStill  = time.Second
	askedBefore = 32 // times before the first look for control messages, and between two
)

func newPace() pace {
	now := time.Now()
	return pace{began: now, last: now}
}

// next is called after each time of asking in vain. It says how long nothing has come, and whether to look for control messages now.
func (p *pace) next() (waited time.Duration, look bool) {
	now := time.Now()
	if gap := now.Sub(p.last); gap > stoodStill {
		p.lost += gap
	}
	p.last = now
	waited = now.Sub(p.began) - p.lost
	p.asked++
	if waited < askAtOnce {
		mpi.Yield()
		return waited, p.asked%askedBefore == 0
	}
	time.Sleep(min(max(waited/8, shortest), longest))
	return waited, true
}
