package nccl

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unsafe"

	"github.com/rs/zerolog"

	"udml-gpu/cgo/nccl"
	"udml-gpu/kernels"
	"udml-gpu/models/shard"
)

// startLimit is how long a communicator may take to begin, once all ranks have come so far.
const startLimit = 2 * time.Minute

// Version is that of the NCCL library that was opened; "" where there is none.
func Version() string { return nccl.Version() }

// Attach has the arrays of a group on dev exchanged by NCCL, if there is more than one rank and dev is a GPU. All ranks call it. host names
// this machine, and limit is how long a rank waits for another (dist.Limit.Get). Where any rank cannot, arrays go by way of the hosts on
// all of them, with the same bytes in the end, and the log says why; so it does of two ranks on one GPU. The error is that of a rank
// that is gone.
func Attach(g *shard.Group, dev *kernels.Device, host string, limit func() time.Duration, log zerolog.Logger) error {
	if g.Ranks() == 1 || !dev.CUDA() {
		return nil
	}
	problem := nccl.Problem()
	if problem != "" {
		problem += "; install NCCL 2.18 or newer (Debian, Ubuntu: libnccl2), or name its file by " + nccl.FileVariable
	}
	if with := sharing(g, dev, host); with != "" {
		problem = fmt.Sprintf("rank %d and %s are on one GPU, %s of %s, which NCCL does not allow", g.Rank(), with, dev.Name(), host)
	}
	id, problem := newID(g, problem)
	if agreed(g, "look for NCCL", problem, log) {
		c, why := start(g, dev, id, limit)
		if agreed(g, "start NCCL", why, log) {
			c.run()
			g.OnDevice(c)
			log.Info().Str("nccl", nccl.Version()).Msgf("the GPUs of %d ranks exchange arrays by NCCL %s", g.Ranks(), nccl.Version())
		} else if c != nil {
			_ = c.comm.Abort()
		}
	}
	return g.Err()
}

// newID is the name of the communicator, which rank 0 makes.
func newID(g *shard.Group, problem string) (id nccl.ID, why string) {
	if g.Rank() == 0 && problem == "" {
		var err error
		if id, err = nccl.NewID(); err != nil {
			problem = err.Error()
		}
	}
	copy(id[:], g.Share("name the communicator of NCCL", string(id[:])))
	return id, problem
}

// agreed says whether no rank has a problem. Rank 0 logs its own, or that there is one; where it has none, others log theirs.
func agreed(g *shard.Group, op, problem string, log zerolog.Logger) bool {
	const first, other = 1, 2
	bits := uint32(0)
	if problem != "" {
		bits = other
		if g.Rank() == 0 {
			bits = first
		}
	}
	bits = g.Agree(op, bits)
	const instead = "arrays go from GPU to GPU by way of the hosts, which is slower"
	switch {
	case g.Err() != nil:
		return false
	case problem != "" && (g.Rank() == 0 || bits&first == 0):
		log.Warn().Msg(instead + ": " + problem)
	case bits == other && g.Rank() == 0:
		log.Warn().Msg(instead + ": another rank says why")
	}
	return bits == 0
}

// start begins the communicator.
func start(g *shard.Group, dev *kernels.Device, id nccl.ID, limit func() time.Duration) (c *carrier, problem string) {
	c = &carrier{dev: dev, rank: g.Rank(), size: g.Ranks(), limit: limit, progress: dev.NewProgress(), done: make(chan struct{})}
	var failed error
	dev.QueueSync("NCCL", func(unsafe.Pointer) error {
		if c.comm, failed = nccl.Begin(id, g.Ranks(), g.Rank()); failed == nil {
			_, failed = settled(c.comm, startLimit)
		}
		return nil
	})
	if failed != nil {
		return c, failed.Error()
	}
	if c.comm == nil { // the device had a fault before
		return nil, "the GPU has failed"
	}
	return c, ""
}

// run begins the watch.
func (c *carrier) run() {
	c.dev.OnClose(c.close)
	c.watching.Go(c.watch)
}

// nameBytes is the room for the name of a machine and the number of a GPU.
const nameBytes = 320

// sharing names the other ranks that are on the GPU of this one; "" if there are none.
func sharing(g *shard.Group, dev *kernels.Device, host string) string {
	cpu := kernels.CPU()
	all, bounds := cpu.New(kernels.Uint8, g.Ranks(), nameBytes), make([]int, g.Ranks()+1)
	for r := range bounds {
		bounds[r] = r
	}
	name := func(rank int) []byte { return kernels.Data[uint8](all.Rows(rank, rank+1)) }
	copy(name(g.Rank()), host+" "+dev.Info().UUID)
	g.GatherRows("learn the names of the GPUs", bounds, all)
	var list []string
	for r := range g.Ranks() {
		if r != g.Rank() && g.Err() == nil && slices.Equal(name(r), name(g.Rank())) {
			list = append(list, fmt.Sprintf("rank %d", r))
		}
	}
	return strings.Join(list, ", ")
}
