package main

import (
	"context"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"syscall"

	"github.com/urfave/cli/v2"

	"udml-gpu/engine/data"
	"udml-gpu/engine/data/baddata"
	"udml-gpu/engine/dist/ranks"
	"udml-gpu/engine/run"
	"udml-gpu/engine/run/mirror"
	"udml-gpu/engine/setting"
	"udml-gpu/engine/setting/table"
	"udml-gpu/engine/train"
)

func trainCommand(method string) *cli.Command {
	rows := setting.Table()
	return &cli.Command{
		Name: "train", Usage: "train an embedding on images; writes a run directory",
		Flags:        slices.Concat(trainFlags(), ranksFlags("train the run"), flagsOf(rows, method)),
		OnUsageError: usageError,
		Action:       func(c *cli.Context) error { return startTraining(c, rows) },
	}
}

// trainFlags are the flags of train besides the settings of a run.
func trainFlags() []cli.Flag {
	return []cli.Flag{
		configFlag(), jsonFlag(),
		&cli.BoolFlag{
			Name: "show-config", EnvVars: env("show-config"),
			Usage: "print all settings, where each came from and what --preset auto decides by --data, and stop; of --data no more is " +
				"read than that looks at",
		},
		&cli.StringFlag{
			Name: "resume", EnvVars: env("resume"),
			Usage: "continue the run in this `DIR`, or the one mirrored at s3://BUCKET/PREFIX, in --out; --epochs may be raised, " +
				"--data may name the images' new location",
		},
		&cli.BoolFlag{
			Name: "resume-if-any", EnvVars: env("resume-if-any"),
			Usage: "continue the run in --out as --resume does, or start it if there is none: one command for every attempt",
		},
		&cli.BoolFlag{
			Name: "other-machine", EnvVars: env("other-machine"),
			Usage: "with --resume: continue although this machine computes differently (the result then differs in the last digits)",
		},
		&cli.StringFlag{
			Name: "gpus",
			Usage: "start a process for each of these `GPUS` of this machine, which train the run together: all, a number of them, " +
				"or a list such as 0,2",
		},
		&cli.StringFlag{
			Name: "allow-change", EnvVars: env("allow-change"),
			Usage: "with --resume: settings, separated by commas, that may differ from the run's (data: its images)",
		},
		&cli.BoolFlag{
			Name: "demo", EnvVars: env("demo"),
			Usage: "train on the built-in images (100 classes of Omniglot unless --demo-classes says otherwise)",
		},
		&cli.IntFlag{
			Name: "demo-classes", Value: 100, EnvVars: env("demo-classes"),
			Usage: "classes of the built-in images to train on; 0: all",
		},
	}
}

func startTraining(c *cli.Context, rows []table.Row) error {
	if err := noArguments(c); err != nil {
		return err
	}
	if started, err := startRanks(c); started || err != nil {
		return err
	}
	session := trainSession() // first, since an earlier signal would end the program at once
	ctx := untilStopped(c.Context, session.Log, "stopping after this step, with the run saved")
	return withRanks(ctx, c, &session.UI, train.Together, func(r *ranks.Ranks) error {
		n := 1
		if r != nil {
			n, session.Carrier, session.Limit = r.Size(), r, r.Limit
		}
		if !r.Leads() {
			session.Progress, session.RankLog = nil, rankLog.Load()
		}
		return trainOrResume(ctx, c, rows, session, n)
	})
}

// trainOrResume trains a run, or shows its settings, as one of so many ranks.
func trainOrResume(ctx context.Context, c *cli.Context, rows []table.Row, session train.Session, ranks int) error {
	dir, mirror, err := agreedRun(ctx, c, session.Log)
	if err != nil {
		return err
	}
	if mirror != nil {
		defer mirror.Close() // does nothing once the run has done so
		session.Mirror = mirror
	}
	if dir != "" {
		if c.Bool("show-config") {
			return setting.Usage("--show-config shows the settings of a new run: those of %s are in %s",
				dir, filepath.Join(dir, "config.yaml"))
		}
		return resume(ctx, c, dir, rows, session, ranks)
	}
	l, src, err := trainLayers(ctx, c, rows, session, ranks)
	if err != nil {
		return err
	}
	if c.Bool("show-config") {
		if src != nil {
			src.Close()
		}
		return printSettings(c, l)
	}
	session.Source = src
	t, err := train.New(ctx, l.Config, session)
	return finish(ctx, c, t, err)
}

// finish trains to the end and prints the result.
func finish(ctx context.Context, c *cli.Context, t *train.Trainer, err error) error {
	if err != nil {
		return err
	}
	defer t.Close()
	result, err := t.Train(ctx)
	if err != nil {
		return err
	}
	return printed(c, result)
}

// printed prints the result of a finished run, on rank 0. An error says that the run itself is saved.
func printed(c *cli.Context, r *run.Result) error {
	if !joined.Leads() {
		return nil
	}
	err := printResult(c, r)
	if err == nil {
		return nil
	}
	return baddata.Errorf("the run in %s is finished and saved, but its result cannot be printed: %w", r.Run, err)
}

// resume continues the run in dir, as one of so many ranks, or prints the result that it already has.
func resume(ctx context.Context, c *cli.Context, dir string, rows []table.Row, session train.Session, ranks int) error {
	cfg, err := run.Config(dir)
	if err != nil {
		return err
	}
	if session.Mirror != nil {
		cfg.Mirror = session.Mirror.Address()
	}
	before := cfg
	if cfg, err = overlay(c, cfg, rows); err != nil {
		return err
	}
	if c.Bool("demo") {
		cfg.Data = data.Demo(c.Int("demo-classes"))
	}
	if session.Mirror != nil && !mirror.SameAddress(cfg.Mirror, session.Mirror.Address()) {
		return setting.Usage("--mirror %s differs from %s, where the run is: leave it out", cfg.Mirror, session.Mirror.Address())
	}
	cfg.SumOn(ranks, before)
	allowed, err := setting.ParseAllowance(c.String("allow-change"))
	if err != nil {
		return err
	}
	changes, err := cfg.CompatibleWith(before, allowed)
	if err != nil {
		return err
	}
	result, err := train.Finished(dir, cfg, session)
	if err != nil {
		return err
	}
	if result != nil {
		return printed(c, result)
	}
	session.OtherMachine, session.Allowed, session.Changes = c.Bool("other-machine"), allowed, changes
	t, err := train.Resume(ctx, dir, cfg, session)
	return finish(ctx, c, t, err)
}

// trainSession is a session that writes a checkpoint at each SIGUSR1.
func trainSession() train.Session {
	s := newSession()
	requests := make(chan os.Signal, 1)
	signal.Notify(requests, syscall.SIGUSR1)
	s.Requests = requests
	return s
}

// noArguments is a UsageError if the command has arguments other than flags.
func noArguments(c *cli.Context) error {
	if c.Args().Present() {
		return setting.Usage("%q is not expected here; see udml-gpu %s --help", c.Args().First(), c.Command.Name)
	}
	return nil
}
