package reproduce

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"udml-gpu/engine/data/rawname"
	"udml-gpu/engine/network"
	"udml-gpu/engine/run"
	"udml-gpu/engine/setting"
	"udml-gpu/engine/train"
)

// Planned is a row with the settings of its run, whose folder is Config.Out.
type Planned struct {
	Row
	Config setting.Config // resolved
}

// Folder is the folder of the row's run below that of the table.
func (r Row) Folder(table string) string { return filepath.Join(table, r.Method) }

// Run trains the rows in order. A run that its folder holds is continued, or not touched if it is finished, so that the same call goes on
// after a stop or a kill. The error of a stop wraps train.ErrStopped. A row whose numbers diverge, or whose embedding collapses, has a
// Problem, and the others are run all the same: the result is then returned with its error, network.ErrDiverged. Every other error ends
// the table.
func Run(ctx context.Context, t Table, rows []Planned, s train.Session) (*Result, error) {
	result := &Result{Table: t.Name, Set: t.Set, Images: t.Images, Classes: t.Classes, Preset: t.Preset, Rows: []Line{}}
	var diverged error
	for i, p := range rows {
		if ctx.Err() != nil {
			return nil, fmt.Errorf("%w before the row %s; the same command goes on with the table", train.ErrStopped, p.Method)
		}
		s.Log.Info().Str("row", p.Method).Msgf("row %d of %d of %s: %s, in %s", i+1, len(rows), t.Name, p.Method, p.Config.Out)
		measured, err := p.train(ctx, s)
		switch {
		case errors.Is(err, network.ErrDiverged):
			s.Log.Error().Msgf("the row %s has no result: %v", p.Method, err)
			diverged = err
		case errors.Is(err, train.ErrStopped):
			return nil, fmt.Errorf("%w; the same reproduce command goes on with the table", err)
		case err != nil:
			return nil, err
		}
		line, failed := t.line(p, measured, err)
		if failed != nil {
			return nil, failed
		}
		result.Data = rawname.Text(p.Config.Data)
		result.Rows = append(result.Rows, line)
	}
	return result, diverged
}

// train begins the run, goes on with it, or gives the result that it has.
func (p *Planned) train(ctx context.Context, s train.Session) (*run.Result, error) {
	c := p.Config
	if !run.Holds(c.Out) {
		t, err := train.New(ctx, c, s)
		return finish(ctx, t, err)
	}
	before, err := run.Config(c.Out)
	if err != nil {
		return nil, err
	}
	if s.Changes, err = c.CompatibleWith(before, nil); err != nil {
		return nil, setting.Usage("%s holds a run with other settings: %v. Name another --out, or remove that folder", c.Out, err)
	}
	if done, err := train.Finished(c.Out, c, s); done != nil || err != nil {
		return done, err
	}
	t, err := train.Resume(ctx, c.Out, c, s)
	return finish(ctx, t, err)
}

func finish(ctx context.Context, t *train.Trainer, err error) (*run.Result, error) {
	if err != nil {
		return nil, err
	}
	defer t.Close()
	return t.Train(ctx)
}
