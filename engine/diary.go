package engine

import (
	"udml-gpu/engine/data"
	"udml-gpu/engine/report"
)

// begin keeps the directory from now on, whatever happens, and opens its diary.
func (r *Run) begin() error {
	r.created = false
	return r.openEvents()
}

// openEvents opens the diary.
func (r *Run) openEvents() error {
	events, err := report.OpenEvents(r.path(eventsFile))
	if err != nil {
		return data.Errorf("the run directory cannot be written: %v", err)
	}
	r.events = events
	return nil
}
