package ranks

import (
	"sync"
	"time"
)

// Exchange is one exchange with the other ranks, for a log of what happened before a run ended.
type Exchange struct {
	Op           string `json:"op"`
	Bytes        int    `json:"bytes"` // sent and received
	Microseconds int64  `json:"microseconds"`
	Failed       bool   `json:"failed,omitempty"`
}

// kept is how many exchanges are remembered.
const kept = 64

// recent are the last exchanges.
type recent struct {
	lock  sync.Mutex
	list  [kept]Exchange
	count int
}

// Exchange is that of the carrier, and is remembered.
func (r *Ranks) Exchange(op string, to, from [][]byte) error {
	began := time.Now()
	err := r.carrier.Exchange(op, to, from)
	e := Exchange{Op: op, Microseconds: time.Since(began).Microseconds(), Failed: err != nil}
	for i := range to {
		if i != r.Rank() {
			e.Bytes += len(to[i]) + len(from[i])
		}
	}
	r.recent.lock.Lock()
	defer r.recent.lock.Unlock()
	r.recent.list[r.recent.count%kept] = e
	r.recent.count++
	return err
}

// Recent are the last exchanges, in order. It may be called from any goroutine.
func (r *Ranks) Recent() []Exchange {
	r.recent.lock.Lock()
	defer r.recent.lock.Unlock()
	at := r.recent.count % kept
	if r.recent.count < kept {
		return append([]Exchange(nil), r.recent.list[:at]...)
	}
	return append(append([]Exchange(nil), r.recent.list[at:]...), r.recent.list[:at]...)
}
