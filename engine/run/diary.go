package run

import (
	"udml-gpu/engine/data/baddata"
	"udml-gpu/engine/report"
)

// Begin keeps the directory from now on, whatever happens, and opens its diary.
func (r *Dir) Begin() error {
	r.created = false
	return r.OpenEvents()
}

// OpenEvents opens the diary.
func (r *Dir) OpenEvents() error {
	events, err := report.OpenEvents(r.Path(EventsFile))
	if err != nil {
		return baddata.Errorf("the run directory cannot be written: %v", err)
	}
	r.Events = events
	return nil
}
