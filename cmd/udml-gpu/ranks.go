package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"time"

	"github.com/rs/zerolog"
	"github.com/urfave/cli/v2"

	"udml-gpu/engine/dist/launch"
	"udml-gpu/engine/dist/ranks"
	"udml-gpu/engine/setting"
	"udml-gpu/engine/train"
	"udml-gpu/kernels"
	"udml-gpu/models/disk"
)

// joined are the ranks of the run of which this process is one; nil for a process that is alone.
var joined *ranks.Ranks

// endedRanks is the exit code of a run whose ranks this process has started. They have said why.
type endedRanks int

// Error is the code.
func (e endedRanks) Error() string { return fmt.Sprintf("the ranks have ended with code %d", int(e)) }

// startRanks starts the ranks that --ranks or --gpus asks for and waits for them, unless this process is one of them, or the only one. Then
// gpu is the number of the GPU that --gpus gives it, or nil.
func startRanks(c *cli.Context) (started bool, gpu *int, err error) {
	if !c.IsSet("ranks") && !c.IsSet("gpus") {
		return false, nil, nil
	}
	w, err := launch.Detect(os.Getenv)
	if err != nil {
		return false, nil, err
	}
	n := c.Int("ranks")
	var gpus []int
	if c.IsSet("gpus") {
		if gpus, err = chosenGPUs(c, w); err != nil {
			return false, nil, err
		}
		n = len(gpus)
	}
	switch {
	case w.Size > 1 && n != w.Size:
		return false, nil, setting.Usage("--ranks %d, but %s has started %d ranks: leave --ranks away", n, w.Launcher, w.Size)
	case n < 1:
		return false, nil, setting.Usage("--ranks %d is out of range: expected 1 or more", n)
	case gpus != nil && (w.Size > 1 || n == 1):
		return false, &gpus[w.LocalRank%n], nil
	case w.Size > 1 || n == 1:
		return false, nil, nil
	}
	signal.Stop(plainSignals) // Run passes signals on to the ranks
	self, err := os.Executable()
	if err != nil {
		return false, nil, err
	}
	code, err := launch.Run(c.Context, launch.Options{Ranks: n, Command: append([]string{self}, os.Args[1:]...)})
	if err == nil && code != 0 {
		err = endedRanks(code)
	}
	return true, nil, err
}

// lostGrace is how long a rank that has noticed by the way that another is gone has to end by itself.
const lostGrace = 1500 * time.Millisecond

// withRanks calls do with the number of ranks of the run, once they have found each other, and ends their connections.
func withRanks(ctx context.Context, c *cli.Context, s *train.Session, do func(ranks int) error) error {
	var err error
	joined, err = ranks.Join(ctx, os.Getenv, c.Duration("peer-timeout"), func(err error) {
		time.Sleep(lostGrace)
		fmt.Fprintln(os.Stderr, "udml-gpu: "+strings.TrimSpace(err.Error()))
		disk.RemoveUnfinished()
		os.Exit(exitCode(err))
	})
	if err != nil {
		return err
	}
	if joined == nil {
		return do(1)
	}
	s.Carrier, s.Limit = joined, joined.Limit
	if gpus := kernels.CUDACount(); gpus > 0 && s.GPU == nil {
		gpu := joined.LocalRank() % gpus
		s.GPU = &gpu
	}
	if !joined.Leads() {
		s.Log = s.Log.Level(zerolog.WarnLevel)
		s.Progress, s.Loading, s.Embedding, s.Work = nil, nil, nil, nil
	} else {
		s.Log.Info().Strs("hosts", joined.Hosts()).Msgf("%d ranks, started by %s: %s", joined.Size(), joined.World.Launcher,
			strings.Join(joined.Hosts(), ", "))
	}
	err = do(joined.Size())
	return joined.End(err, train.Together(err), exitCode(err))
}
