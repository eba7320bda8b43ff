// Package tcp carries bytes between the ranks of a run over plain TCP, each rank connected with each.
//
// Two ranks have two connections: one for the data of Exchange, which Exchange itself reads, straight into its destination; and one that is
// always read in the background, where a rank says that it leaves, and whose end says at once that a process is gone, whatever this rank
// computes meanwhile and whatever still lies in the other connection.
//
// A token that all ranks know keeps others out (it never crosses the wire). What is carried is neither encrypted nor signed: the network
// between the ranks has to be one that can be trusted.
package tcp

import (
	"context"
	"net"
	"os"
	"sync"
	"time"

	"udml-gpu/engine/setting"
)

// Options say who this rank is and where the others are.
type Options struct {
	Rank, Size int
	Master     string       // host:port where rank 0 listens. With ":port" rank 0 listens on all interfaces
	Token      string       // what all ranks of the run know and others do not; "" only where Master is on the loopback interface
	Listen     string       // host:port to listen at; "": any port (rank 0: that of Master), on the loopback interface if Master is there
	Listener   net.Listener // that this rank listens with, instead of opening one; Join closes it
	Host       string       // the name of this machine in messages; "": os.Hostname
	// Limit is how long Exchange waits without any progress of the peer that it waits for; called at each Exchange. nil or 0: for ever.
	Limit func() time.Duration
	// StartLimit is how long Join waits for all ranks; 0: 5 minutes.
	StartLimit time.Duration
	// Lost is called once, from another goroutine, as soon as the background sees that a peer is gone or has left: with a *dist.PeerError
	// or a *dist.LeftError.
	Lost func(error)
}

// Carrier is a shard.Carrier over TCP.
type Carrier struct {
	o     Options
	peers []*peer  // by rank; nil for this one
	hosts []string // by rank
	seq   uint32   // of the last Exchange

	watch   sync.WaitGroup // the goroutines that read the control connections
	telling sync.WaitGroup // what tells the others of the first error

	mu       sync.Mutex
	failed   error // the first error
	notified bool  // that the background has seen a peer go
	closing  bool
	started  bool                    // Join has returned
	vanished func(*peer) bool        // says, during the start, whether the end of a connection does not matter; nil if all do
	cancel   context.CancelCauseFunc // ends Join; nil before
}

// Rank is the number of this process.
func (c *Carrier) Rank() int { return c.o.Rank }

// Size is the number of processes.
func (c *Carrier) Size() int { return c.o.Size }

// Hosts are the names of the machines of all ranks.
func (c *Carrier) Hosts() []string { return c.hosts }

// completed are the options with defaults filled in, or a UsageError.
func (o Options) completed() (Options, error) {
	if o.Size < 1 || o.Rank < 0 || o.Rank >= o.Size {
		return o, setting.Usage("rank %d of %d ranks cannot be: ranks are numbered from 0", o.Rank, o.Size)
	}
	if o.Size > maxRanks {
		return o, setting.Usage("%d ranks are too many: at most %d can be connected over TCP", o.Size, maxRanks)
	}
	if o.Host == "" {
		o.Host, _ = os.Hostname()
	}
	o.Host = clean(o.Host, maxName)
	if o.StartLimit <= 0 {
		o.StartLimit = 5 * time.Minute
	}
	if o.Size == 1 {
		return o, nil
	}
	if o.Master == "" {
		return o, setting.Usage("rank %d of %d does not know where rank 0 is: set UDML_MASTER=HOST:PORT on all ranks", o.Rank, o.Size)
	}
	host, port, err := net.SplitHostPort(o.Master)
	if err != nil || port == "" || host == "" && o.Rank != 0 {
		return o, setting.Usage("the address of rank 0, %q, is not HOST:PORT; set UDML_MASTER", o.Master)
	}
	if o.Token == "" && !loopback(host) {
		return o, setting.Usage("ranks on several machines need a secret: set UDML_TOKEN to the same text on all ranks")
	}
	if o.Listen == "" {
		o.Listen = listenAt(o.Rank, host, port)
	}
	return o, nil
}

// maxRanks bounds what is allocated for a run; each pair of ranks has two connections.
const maxRanks = 4096

// listenAt is where a rank listens whose options do not say it.
func listenAt(rank int, host, port string) string {
	if rank != 0 {
		port = "0"
	}
	if !loopback(host) {
		host = "" // the name of the machine may be that of a service or of another interface
	} else if host == "localhost" {
		host = "127.0.0.1"
	}
	return net.JoinHostPort(host, port)
}

// loopback says whether a host name or address is plainly that of the loopback interface.
func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
