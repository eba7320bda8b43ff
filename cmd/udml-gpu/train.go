package main

import (
	"context"
	"os/signal"
	"syscall"

	"github.com/urfave/cli/v2"

	"udml-gpu/engine"
)

func trainCommand() *cli.Command {
	lists := [][]setting{dataSettings(), networkSettings(), methodSettings(), viewSettings(), optimSettings(), runSettings()}
	own := []cli.Flag{
		configFlag(), jsonFlag(),
		&cli.StringFlag{Name: "resume", Usage: "continue the run in this `DIR`; --epochs may be raised, --data may name where the images lie now", EnvVars: env("resume")},
		&cli.BoolFlag{Name: "other-machine", Usage: "with --resume: go on although this machine computes differently (the result then differs in the last digits)", EnvVars: env("other-machine")},
		&cli.BoolFlag{Name: "demo", EnvVars: env("demo"), Usage: "train on the built-in images (100 classes of Omniglot unless --demo-classes says otherwise)"},
		&cli.IntFlag{Name: "demo-classes", Value: 100, EnvVars: env("demo-classes"), Usage: "classes of the built-in images to train on; 0: all"},
	}
	return &cli.Command{
		Name: "train", Usage: "train an embedding on images; writes a run directory",
		Flags:        append(own, flagsOf(lists...)...),
		OnUsageError: usageError,
		Action:       func(c *cli.Context) error { return train(c, lists) },
	}
}

func train(c *cli.Context, lists [][]setting) error {
	if err := noArguments(c); err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(c.Context, syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal ends the program at once
	if dir := c.String("resume"); dir != "" {
		return resume(ctx, c, dir, lists)
	}
	t, err := openTrainer(ctx, c, lists)
	return finish(ctx, c, t, err)
}

// finish trains to the end and prints the result.
func finish(ctx context.Context, c *cli.Context, t *engine.Trainer, err error) error {
	if err != nil {
		return err
	}
	defer t.Close()
	result, err := t.Train(ctx)
	if err != nil {
		return err
	}
	return printResult(c, result)
}

// resume continues the run in dir, or prints the result that it already has.
func resume(ctx context.Context, c *cli.Context, dir string, lists [][]setting) error {
	cfg, err := engine.RunConfig(dir)
	if err != nil {
		return err
	}
	before := cfg
	if err := overlay(c, &cfg, lists...); err != nil {
		return err
	}
	if err := cfg.CompatibleWith(before); err != nil {
		return err
	}
	result, err := engine.Finished(dir, cfg)
	if err != nil {
		return err
	}
	if result != nil {
		return printResult(c, result)
	}
	session := newSession()
	session.OtherMachine = c.Bool("other-machine")
	t, err := engine.Resume(ctx, dir, cfg, session)
	return finish(ctx, c, t, err)
}

// openTrainer starts a new run.
func openTrainer(ctx context.Context, c *cli.Context, lists [][]setting) (*engine.Trainer, error) {
	cfg, err := configure(c, lists...)
	if err != nil {
		return nil, err
	}
	if c.Bool("demo") {
		cfg.Data = engine.DemoData(c.Int("demo-classes"))
	}
	return engine.NewTrainer(ctx, cfg, newSession())
}

func noArguments(c *cli.Context) error {
	if c.Args().Present() {
		return engine.Usage("%q is not expected here; see udml-gpu %s --help", c.Args().First(), c.Command.Name)
	}
	return nil
}
