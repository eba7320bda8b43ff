package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"sync/atomic"
	"time"

	"github.com/rs/zerolog"
	"github.com/urfave/cli/v2"

	"udml-gpu/engine/dist"
	"udml-gpu/engine/dist/launch"
	"udml-gpu/engine/dist/ranks"
	"udml-gpu/engine/run"
	"udml-gpu/engine/setting"
	"udml-gpu/engine/train"
	"udml-gpu/models/disk"
)

// joined are the ranks of the run of which this process is one; nil for a process that is alone.
var joined *ranks.Ranks

// endedRanks is the exit code of a run whose ranks this process has started. They have said why.
type endedRanks int

// Error is the code.
func (e endedRanks) Error() string { return fmt.Sprintf("the ranks have ended with code %d", int(e)) }

// startRanks starts the ranks that --ranks asks for and waits for them, unless this process is one of them.
func startRanks(c *cli.Context) (started bool, err error) {
	n := c.Int("ranks")
	w, err := launch.Detect(os.Getenv)
	switch {
	case err != nil:
		return false, err
	case w.Size > 1 && n != w.Size:
		return false, setting.Usage("--ranks %d, but %s has started %d ranks: leave --ranks away", n, w.Launcher, w.Size)
	case w.Size > 1 || n == 1:
		return false, nil
	case n < 1:
		return false, setting.Usage("--ranks %d is out of range: expected 1 or more", n)
	}
	signal.Stop(plainSignals) // Run passes signals on to the ranks
	self, err := os.Executable()
	if err != nil {
		return false, err
	}
	code, err := launch.Run(c.Context, launch.Options{Ranks: n, Command: append([]string{self}, os.Args[1:]...)})
	if err == nil && code != 0 {
		err = endedRanks(code)
	}
	return true, err
}

// lostGrace is how long a rank that has noticed by the way that another is gone has to end by itself.
const lostGrace = 1500 * time.Millisecond

// rankLog is the log of this process if it is a rank that writes none of its run's files. It is set after joined.
var rankLog atomic.Pointer[run.RankLog]

// noteLost writes into the log of this rank that another one is gone.
func noteLost(err error) {
	var gone *dist.PeerError
	var left *dist.LeftError // of one that has noticed it before
	if l := rankLog.Load(); l != nil && (errors.As(err, &gone) || errors.As(err, &left) && left.Code == exitPeer) {
		l.Lost(err, joined.Recent())
	}
}

// joinRanks leaves the ranks of this process in joined.
func joinRanks(ctx context.Context, c *cli.Context) (err error) {
	joined, err = ranks.Join(ctx, os.Getenv, c.Duration("peer-timeout"), func(err error) {
		noteLost(err)
		time.Sleep(lostGrace)
		fmt.Fprintln(os.Stderr, "udml-gpu: "+strings.TrimSpace(err.Error()))
		disk.RemoveUnfinished()
		os.Exit(exitCode(err))
	})
	return err
}

// onRanks calls do on each rank that a launcher, or --ranks, has started, and ends their connections. started says that this process has
// started them and is none of them. A process that is alone has no ranks (nil).
func onRanks(c *cli.Context, do func(r *ranks.Ranks) error) (started bool, err error) {
	if c.IsSet("ranks") {
		if started, err := startRanks(c); started || err != nil {
			return started, err
		}
	}
	if err := joinRanks(c.Context, c); err != nil {
		return false, err
	}
	if joined == nil {
		return false, do(nil)
	}
	joined.Limit.InSteps(0)
	err = do(joined)
	return false, joined.End(err, err == nil, exitCode(err))
}

// ranksFlag is --ranks of commands that look at ranks.
func ranksFlag() cli.Flag {
	return &cli.IntFlag{Name: "ranks", Usage: "start `N` processes on this machine; a launcher such as mpirun or srun needs no flag"}
}

// withRanks calls do with the number of ranks of the run, once they have found each other, and ends their connections.
func withRanks(ctx context.Context, c *cli.Context, s *train.Session, do func(ranks int) error) error {
	err := joinRanks(ctx, c)
	switch {
	case errors.Is(err, context.Canceled):
		return fmt.Errorf("%w before all ranks had come", train.ErrStopped)
	case err != nil:
		return err
	case joined == nil:
		return do(1)
	}
	s.Carrier, s.Limit = joined, joined.Limit
	if !joined.Leads() {
		s.RankLog = &run.RankLog{}
		rankLog.Store(s.RankLog)
		s.Log = s.Log.Level(zerolog.WarnLevel).With().Int("rank", joined.Rank()).Logger().Hook(s.RankLog)
		s.Progress, s.Loading, s.Embedding, s.Work = nil, nil, nil, nil
	} else {
		s.Log.Info().Strs("hosts", joined.Hosts()).Msgf("%d ranks, started by %s: %s", joined.Size(), joined.World.Launcher,
			strings.Join(joined.Hosts(), ", "))
	}
	err = do(joined.Size())
	noteLost(err)
	return joined.End(err, train.Together(err), exitCode(err))
}
