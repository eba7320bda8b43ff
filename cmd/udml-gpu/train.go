package main

import (
	"github.com/urfave/cli/v2"

	"udml-gpu/engine"
)

func trainCommand() *cli.Command {
	lists := [][]setting{dataSettings(), networkSettings(), methodSettings(), viewSettings(), optimSettings(), runSettings()}
	own := []cli.Flag{
		configFlag(), jsonFlag(),
		&cli.StringFlag{Name: "resume", Usage: "continue the run in this `DIR`; --epochs may be raised"},
		&cli.BoolFlag{Name: "demo", Usage: "train on the built-in images (100 classes of Omniglot unless --demo-classes says otherwise)"},
		&cli.IntFlag{Name: "demo-classes", Value: 100, Usage: "classes of the built-in images to train on; 0: all"},
	}
	return &cli.Command{
		Name: "train", Usage: "train an embedding on images; writes a run directory",
		Flags:        append(own, flagsOf(lists...)...),
		OnUsageError: func(_ *cli.Context, err error, _ bool) error { return asUsage(err) },
		Action:       func(c *cli.Context) error { return train(c, lists) },
	}
}

func train(c *cli.Context, lists [][]setting) error {
	if err := noArguments(c); err != nil {
		return err
	}
	t, err := openTrainer(c, lists)
	if err != nil {
		return err
	}
	defer t.Close()
	result, err := t.Train(c.Context)
	if err != nil {
		return err
	}
	return printResult(c, result)
}

// openTrainer starts a new run or continues one.
func openTrainer(c *cli.Context, lists [][]setting) (*engine.Trainer, error) {
	bar := newBar()
	session := engine.Session{Log: newLog(), Progress: bar, Loading: bar.Loading}
	if dir := c.String("resume"); dir != "" {
		cfg, err := engine.RunConfig(dir)
		if err != nil {
			return nil, err
		}
		before := cfg
		for _, l := range lists {
			for _, s := range l {
				if c.IsSet(s.flag.Names()[0]) {
					s.apply(c, &cfg)
				}
			}
		}
		if err := cfg.CompatibleWith(before); err != nil {
			return nil, err
		}
		return engine.Resume(c.Context, dir, cfg, session)
	}
	cfg, err := configure(c, lists...)
	if err != nil {
		return nil, err
	}
	if c.Bool("demo") {
		cfg.Data = engine.DemoData(c.Int("demo-classes"))
	}
	return engine.NewTrainer(c.Context, cfg, session)
}

func noArguments(c *cli.Context) error {
	if c.Args().Present() {
		return engine.Usage("%q is not expected here; see udml-gpu %s --help", c.Args().First(), c.Command.Name)
	}
	return nil
}
