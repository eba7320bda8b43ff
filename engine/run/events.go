package run

import (
	"udml-gpu/engine/data/baddata"
	"udml-gpu/engine/report"
)

// Begin opens events.jsonl and marks the directory as worth keeping: Abandon no longer removes it.
func (r *Dir) Begin() error {
	r.created = false
	return r.OpenEvents()
}

// OpenEvents opens events.jsonl to add to it.
func (r *Dir) OpenEvents() error {
	events, err := report.OpenEvents(r.Path(EventsFile))
	if err != nil {
		return baddata.Errorf("the run directory cannot be written: %v", err)
	}
	r.Events = events
	return nil
}
