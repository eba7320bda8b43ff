package train

import (
	"udml-gpu/engine/data/baddata"
	"udml-gpu/engine/run"
)

// mirrored waits until the run's mirror holds what the directory does. A finished run whose mirror is not complete is an error, since the
// directory may vanish with its machine; a stopped one goes on from an earlier checkpoint all the same.
func (t *Trainer) mirrored(r *run.Result, err error) (*run.Result, error) {
	if !t.leads() {
		return r, err
	}
	failed := t.run.FinishMirror(t.saving.good, t.saving.any, t.Network.Config.Keep)
	switch {
	case failed == nil:
		return r, err
	case err != nil:
		t.log.Warn().Err(failed).Msg(failed.Error())
		return r, err
	}
	return nil, baddata.Errorf("the run in %s is finished and saved, but %w", t.run.Name, failed)
}
