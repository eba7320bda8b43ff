package train

import (
	"cmp"

	"udml-gpu/engine/data/baddata"
	"udml-gpu/engine/dist/accord"
	"udml-gpu/engine/run"
)

// mirrored waits until the run's mirror holds what the directory does. A finished run whose mirror is not complete is an error, since the
// directory may vanish with its machine; a stopped one goes on from an earlier checkpoint all the same. Where all ranks come to this end
// the others wait for rank 0, which copies, for as long as it does.
func (t *Trainer) mirrored(r *run.Result, err error) (*run.Result, error) {
	finish := func() error { return t.run.FinishMirror(t.saving.good, t.saving.any, t.Network.Config.Keep) }
	var failed error
	switch {
	case Together(err):
		t.limit.Elsewhere()
		failed = accord.While(t.group, "wait for the mirror", finish)
	case t.leads():
		failed = finish()
	}
	switch {
	case failed == nil:
		return r, err
	case !t.leads():
		return r, cmp.Or(err, failed)
	case err != nil:
		t.log.Warn().Err(failed).Msg(failed.Error())
		return r, err
	}
	return nil, baddata.Errorf("the run in %s is finished and saved, but %w", t.run.Name, failed)
}
