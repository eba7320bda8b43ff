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
	"udml-gpu/engine/dist/accord"
	"udml-gpu/engine/dist/launch"
	"udml-gpu/engine/dist/ranks"
	"udml-gpu/engine/images"
	"udml-gpu/engine/machine"
	"udml-gpu/engine/run"
	"udml-gpu/engine/run/mirror"
	"udml-gpu/engine/setting"
	"udml-gpu/engine/train"
	"udml-gpu/kernels"
	"udml-gpu/models/disk"
	"udml-gpu/models/shard"
)

// joined are the ranks of the run of which this process is one; nil for a process that is alone.
var joined *ranks.Ranks

// endedRanks is the exit code of a run whose ranks this process has started. They have said why.
type endedRanks int

// Error is the code.
func (e endedRanks) Error() string { return fmt.Sprintf("the ranks have ended with code %d", int(e)) }

// startRanks starts the ranks that --ranks or --gpus asks for and waits for them, unless this process is one of them, or the only one,
// which then takes its GPU. It comes before signals are caught, which are passed on to the ranks.
func startRanks(c *cli.Context) (started bool, err error) {
	if !c.IsSet("ranks") && !c.IsSet("gpus") {
		return false, nil
	}
	w, err := launch.Detect(os.Getenv)
	if err != nil {
		return false, err
	}
	n := c.Int("ranks")
	if c.IsSet("gpus") {
		gpus, err := chosenGPUs(c, w)
		if err != nil {
			return false, err
		}
		n = len(gpus)
		machine.TakeGPU(gpus[w.LocalRank%n])
	}
	switch {
	case w.Size > 1 && n != w.Size:
		return false, setting.Usage("--ranks %d, but %s has started %d ranks: leave --ranks away", n, w.Launcher, w.Size)
	case n < 1:
		return false, setting.Usage("--ranks %d is out of range: expected 1 or more", n)
	case w.Size > 1 || n == 1:
		return false, nil
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

// ranksFlags start a command on several ranks; what says what they do.
func ranksFlags(what string) []cli.Flag {
	return []cli.Flag{
		ranksFlag(what),
		&cli.DurationFlag{
			Name: "peer-timeout", EnvVars: env("peer-timeout"),
			Usage: "how long a step waits for another rank before the run ends with code 6; 0: a minute, or 20 times a usual step",
		},
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
	switch {
	case joined == nil:
	case err != nil: // some ranks have come
		joined.Leave(exitCode(err), err.Error())
	case kernels.CUDACount() > 0 && !c.IsSet("gpus"):
		machine.TakeGPU(joined.LocalRank() % kernels.CUDACount())
	}
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

// ranksFlag is --ranks; what says what the processes do.
func ranksFlag(what string) cli.Flag {
	return &cli.IntFlag{
		Name:  "ranks",
		Usage: "start `N` processes on this machine that " + what + " together; a launcher such as mpirun or srun needs no flag",
	}
}

// withRanks calls do once the ranks of a run have found each other, and ends their connections. together tells whether all ranks end with
// an error of do. ui is changed to that of a rank that does not talk to the user.
func withRanks(ctx context.Context, c *cli.Context, ui *images.UI, together func(error) bool, do func(r *ranks.Ranks) error) error {
	err := joinRanks(ctx, c)
	switch {
	case errors.Is(err, context.Canceled):
		return fmt.Errorf("%w before all ranks had come", train.ErrStopped)
	case err != nil:
		return err
	case joined == nil:
		return do(nil)
	}
	if !joined.Leads() {
		l := &run.RankLog{}
		rankLog.Store(l)
		ui.Log = ui.Log.Level(zerolog.WarnLevel).With().Int("rank", joined.Rank()).Logger().Hook(l)
		ui.Loading, ui.Embedding, ui.Work = nil, nil, nil
	} else {
		ui.Log.Info().Strs("hosts", joined.Hosts()).Str("over", joined.Over()).Msgf("%d ranks, started by %s, over %s: %s", joined.Size(),
			joined.World.Launcher, joined.Over(), strings.Join(joined.Hosts(), ", "))
	}
	err = do(joined)
	noteLost(err)
	return joined.End(err, together(err), exitCode(err))
}

// workOf is what the ranks of a command do together, under ctx, which ends when this one is asked to stop.
func workOf(ctx context.Context, r *ranks.Ranks) *accord.Work {
	if r == nil {
		return accord.Under(ctx, nil)
	}
	return accord.Under(ctx, shard.New(r.Size(), r))
}

// agreedRun is runToResume, which rank 0 looks up for all: others must not find the run that it has just made.
func agreedRun(ctx context.Context, c *cli.Context, log zerolog.Logger) (dir string, m *mirror.Mirror, err error) {
	if joined == nil {
		return runToResume(ctx, c, log)
	}
	g := shard.New(joined.Size(), joined)
	err = accord.While(g, "fetch the run to continue", func() (err error) { // from a mirror, which may take long
		dir, m, err = runToResume(ctx, c, log)
		return err
	})
	if err != nil {
		return "", nil, err
	}
	dir = g.Share("name the run to continue", dir)
	return dir, m, g.Err()
}
