package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"github.com/rs/zerolog"
	"github.com/urfave/cli/v2"

	"udml-gpu/engine/data/baddata"
	"udml-gpu/engine/run"
	"udml-gpu/engine/run/mirror"
	"udml-gpu/engine/setting"
	"udml-gpu/engine/store"
	"udml-gpu/engine/train"
)

// runToResume is the directory of the run that the flags ask to continue; "" for a new run. Where the run has a mirror it is claimed,
// and the directory is brought to its newest checkpoint.
func runToResume(ctx context.Context, c *cli.Context, log zerolog.Logger) (dir string, m *mirror.Mirror, err error) {
	given, err := givenRun(c)
	if err != nil {
		return "", nil, err
	}
	dir = c.String("resume")
	address := given.Mirror
	switch {
	case c.Bool("resume-if-any"):
		if dir != "" {
			return "", nil, setting.Usage("--resume-if-any does not go with --resume: it continues the run in --out")
		}
		if dir = given.Out; dir == "" {
			return "", nil, setting.Usage("--resume-if-any needs --out DIR, where the run is or will be")
		}
	case store.Is(dir):
		address, dir = dir, cmp.Or(given.Out, run.Next())
	case dir == "":
		return "", nil, nil
	}
	if address == "" && run.Holds(dir) {
		if s, err := run.Settings(dir); err == nil { // otherwise reading them says why
			address = s.Mirror
		}
	}
	if address != "" && address != "none" && !c.Bool("show-config") {
		if m, err = fetch(ctx, address, dir, log); err != nil {
			return "", nil, err
		}
	}
	switch {
	case c.String("resume") == "" && !run.Holds(dir):
		return "", m, nil // a new run
	case store.Is(c.String("resume")) && !run.Holds(dir):
		m.Close()
		return "", nil, baddata.Errorf("--resume %s: there is no run", c.String("resume"))
	}
	return dir, m, nil
}

// fetch is run.Fetch, which a signal may end.
func fetch(ctx context.Context, address, dir string, log zerolog.Logger) (*mirror.Mirror, error) {
	m, err := run.Fetch(ctx, address, dir, log)
	if errors.Is(err, context.Canceled) {
		return nil, fmt.Errorf("%w before training began; the same command starts it", train.ErrStopped)
	}
	return m, err
}

// givenRun is where the flags, or the settings file, say that the run and its mirror are.
func givenRun(c *cli.Context) (setting.Config, error) {
	var given setting.Config
	path, text, err := settingsFile(c)
	if err == nil {
		err = given.ReadYAML(path, text)
	}
	given.Out, given.Mirror = cmp.Or(c.String("out"), given.Out), cmp.Or(c.String("mirror"), given.Mirror)
	return given, err
}
