// Package ranks joins this process with the others of its run: it finds out which launcher has started them and what carries bytes
// between them.
package ranks

import (
	"context"
	"errors"
	"strings"
	"time"

	"udml-gpu/engine/dist"
	"udml-gpu/engine/dist/launch"
	"udml-gpu/engine/dist/mpi"
	"udml-gpu/engine/dist/tcp"
	"udml-gpu/engine/setting"
	"udml-gpu/models/shard"
)

// Ranks are the processes of a run, of which this is one.
type Ranks struct {
	carrier
	World launch.World
	Limit *dist.Limit
	close func() // of the carrier

	recent recent
}

// carrier is what tcp and mpi have in common.
type carrier interface {
	shard.Carrier
	Hosts() []string
	Leave(code int, reason string)
}

// Join joins the other ranks that the launcher in the environment has started; nil where this process is alone. lost is called once, from
// another goroutine, when a peer is seen to be gone while this rank computes. timeout is --peer-timeout, 0 where it is not given. After an
// error the ranks are nil, or such that have found each other in part: they can Leave and Exit.
func Join(ctx context.Context, getenv func(string) string, timeout time.Duration, lost func(error)) (*Ranks, error) {
	w, err := launch.Detect(getenv)
	if err != nil || w.Size <= 1 {
		return nil, err
	}
	r := &Ranks{World: w, Limit: &dist.Limit{Fixed: timeout}}
	switch {
	case w.MPI:
		var c *mpi.Carrier
		if c, err = mpi.Join(mpi.Options{Limit: r.Limit.Get, Size: w.Size}); c != nil {
			r.carrier, r.close = c, func() { _ = c.Close() } // the run has ended by then, one way or the other
			return r, err
		}
	case w.Master == "":
		return nil, setting.Usage("%s has started rank %d of %d and does not say where rank 0 is: set UDML_MASTER=HOST:PORT on all ranks",
			w.Launcher, w.Rank, w.Size)
	default:
		err = r.overTCP(ctx, getenv, lost)
	}
	if err != nil {
		return nil, err
	}
	return r, nil
}

func (r *Ranks) overTCP(ctx context.Context, getenv func(string) string, lost func(error)) (err error) {
	o := tcp.Options{
		Rank: r.World.Rank, Size: r.World.Size, Master: r.World.Master, Token: r.World.Token, Limit: r.Limit.Get, Lost: lost,
	}
	if o.Rank == 0 {
		if o.Listener, err = launch.Listener(getenv); err != nil {
			return err
		}
	}
	c, err := tcp.Join(ctx, o)
	if err == nil {
		r.carrier, r.close = c, c.Close
	}
	return err
}

// LocalRank is the number of this rank among those on its machine: what the launcher says, or by the names of the machines.
func (r *Ranks) LocalRank() int {
	if r.World.LocalSize > 0 || r.World.LocalRank > 0 {
		return r.World.LocalRank
	}
	hosts, n := r.Hosts(), 0
	for _, host := range hosts[:r.Rank()] {
		if host == hosts[r.Rank()] {
			n++
		}
	}
	return n
}

// Leads says whether this rank writes what a run leaves behind and talks to the user: rank 0, or a process that is alone (nil).
func (r *Ranks) Leads() bool { return r == nil || r.Rank() == 0 }

// ShardsOfHost is how many of so many shards each host has, for --bn host. It is a UsageError where hosts have different numbers, or where
// the ranks of a host do not follow each other.
func (r *Ranks) ShardsOfHost(shards int) (int, error) {
	if r == nil {
		return shards, nil
	}
	hosts, n := r.Hosts(), r.Size()
	per := 1
	for per < n && hosts[per] == hosts[0] {
		per++
	}
	for i, host := range hosts {
		if n%per != 0 || host != hosts[i/per*per] || shards%n != 0 {
			return 0, setting.Usage("--bn host: the %d shards do not lie evenly on the hosts %s: say with --bn-shards how many "+
				"consecutive shards share statistics", shards, strings.Join(hosts, ", "))
		}
	}
	return shards / n * per, nil
}

// End ends the connections of a run that has ended with err, whose exit code is code. together says that all ranks come to this end; they
// then wait for each other, and where rank 0 alone was stopped in its last work the others end with its code. Otherwise this rank tells
// the others its exit code and why, unless err came from them. It returns err, or that of another rank.
func (r *Ranks) End(err error, together bool, code int) error {
	if r == nil {
		return err
	}
	if err == nil {
		code = 0
	}
	if together {
		if failed := r.endTogether(code); err == nil {
			err = failed
		}
	}
	var left *dist.LeftError
	var gone *dist.PeerError
	if !together && err != nil && !errors.As(err, &left) && !errors.As(err, &gone) {
		r.Leave(code, err.Error())
	}
	r.close()
	return err
}

// endTogether waits until all ranks come to the end. It is the error of a rank that is gone, or the LeftError of one that ends with a code
// other than 0.
func (r *Ranks) endTogether(code int) error {
	to, from := make([][]byte, r.Size()), make([][]byte, r.Size())
	for i := range to {
		if i != r.Rank() {
			to[i], from[i] = []byte{byte(code)}, make([]byte, 1)
		}
	}
	if err := r.Exchange("end the run", to, from); err != nil {
		return err
	}
	for i, b := range from {
		if len(b) > 0 && b[0] != 0 {
			return &dist.LeftError{Rank: i, Host: r.Hosts()[i], Code: int(b[0]), Reason: "it was stopped in its last work"}
		}
	}
	return nil
}

// Exit ends the program, as the carrier needs it.
func (r *Ranks) Exit(code int) {
	if m, ok := r.carrier.(*mpi.Carrier); ok {
		m.Exit(code)
	}
}
