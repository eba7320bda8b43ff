// Package inference runs images through a trained network: it embeds them, and measures what that is worth.
package inference

import (
	"strings"

	"udml-gpu/engine/data"
	"udml-gpu/engine/data/baddata"
	"udml-gpu/engine/data/notes"
	"udml-gpu/engine/dist/accord"
	"udml-gpu/engine/images"
	"udml-gpu/engine/setting"
)

// Request is a data set to be seen through a network: the one of a run, or a backbone.
type Request struct {
	Config setting.Config // resolved; of the run when Run is set
	Run    string         // run directory, or empty
	Split  string         // of the data set, or all or auto
	Layer  string         // embedding or pooled
	UI     images.UI
	// Work are the ranks that do the work together, and its context the one that it is done under; nil: this process is alone.
	Work *accord.Work
}

// wantLayer refuses a layer that is not known.
func (q *Request) wantLayer() error {
	if q.Layer != "embedding" && q.Layer != "pooled" {
		return setting.Usage("--layer %q is not known: expected embedding or pooled", q.Layer)
	}
	return nil
}

// Leads tells whether this is rank 0, which writes and tells what concerns all ranks, or a process that is alone.
func (q *Request) Leads() bool { return q.Work.Group().Rank() == 0 }

// TellNotes tells the notes on a data set once.
func (q *Request) TellNotes(src *data.Source) {
	if q.Leads() {
		images.TellNotes(q.UI.Log, src)
	}
}

// FitsHead tells whether the embedding layer is to be fitted on the training images: that of a backbone, as a run would start it.
func (q *Request) FitsHead() bool {
	return q.Run == "" && q.Config.FitsHead() && q.Layer == "embedding"
}

// taken are the images that a request is about.
type taken struct {
	*data.Source
	set   *data.Set
	notes []notes.Note // on the data set
}

// take opens the data set and finds the split. The caller closes what it gives.
func (q *Request) take() (*taken, error) {
	if q.Run != "" {
		if err := images.WantData(q.Config, q.Run); err != nil {
			return nil, err
		}
	}
	src, err := images.OpenSource(q.Config)
	if err != nil {
		return nil, err
	}
	q.TellNotes(src)
	set, err := q.set(src)
	if err != nil {
		src.Close()
		return nil, err
	}
	images.TellChoice(q.UI.Log, q.Config, src, set)
	return &taken{src, set, images.NotesOf(src)}, nil
}

func (q *Request) set(src *data.Source) (*data.Set, error) {
	name := q.Split
	if name == "auto" {
		name = "test"
		if src.Split(name) == nil {
			name = "all"
		}
	}
	set := src.Split(name)
	if set == nil {
		return nil, baddata.Errorf("--split %s: %s has no such split; expected one of %s",
			name, q.Config.Data, strings.Join(append(src.Splits(), "all", "auto"), ", "))
	}
	return set, nil
}
