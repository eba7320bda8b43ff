// Package dist has several processes train one run: how they find each other, what carries bytes between them, and what happens when one
// of them is gone. The carriers are rooms below it.
package dist

import "fmt"

// Exit codes that ranks tell each other.
const (
	ExitPeer    = 6  // another rank is gone or did not answer: that one, or others, know the cause
	ExitStopped = 75 // stopped by a signal
)

// PeerError says that another rank of the run is gone, did not answer in time, or could not be reached. The program ends with code 6.
type PeerError struct {
	Rank int    // of the peer, -1 where that is not known
	Host string // that it runs on; "" where that is not known
	Op   string // what this rank waited for or sent
	Err  error  // what was seen, as "the connection was closed" or "no answer in 60 s"
}

// Error is a sentence with rank, host, what was seen, and what for.
func (e *PeerError) Error() string {
	host := ""
	if e.Host != "" {
		host = " on " + e.Host
	}
	if e.Rank < 0 {
		return fmt.Sprintf("another rank%s: %v (%s)", host, e.Err, e.Op)
	}
	return fmt.Sprintf("rank %d%s: %v (%s)", e.Rank, host, e.Err, e.Op)
}

// Unwrap is what was seen.
func (e *PeerError) Unwrap() error { return e.Err }

// LeftError says that another rank has ended the run on purpose and why, so that all ranks end with the code of that one.
type LeftError struct {
	Rank   int
	Host   string
	Code   int // that it ends with
	Reason string
}

// Error is a sentence with rank, code and reason.
func (e *LeftError) Error() string {
	return fmt.Sprintf("rank %d has ended the run with code %d: %s", e.Rank, e.Code, e.Reason)
}
