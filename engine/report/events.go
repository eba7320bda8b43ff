package report

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"time"
)

// Events is the diary of a run: one line of JSON for each thing that happened, with the time and the kind first. It is
// only ever added to, so that it tells of every start, stop and crash of the run.
type Events struct {
	file *os.File
	now  func() time.Time
}

// event is what stands in every line.
type event struct {
	Time  time.Time `json:"time"`
	Event string    `json:"event"`
	About any       `json:"about,omitempty"`
}

// OpenEvents opens the diary at path, or begins it. A last line that a crash cut short is removed.
func OpenEvents(path string) (*Events, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o666)
	if err != nil {
		return nil, err
	}
	if err := endAtLine(f); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return &Events{file: f, now: time.Now}, nil
}

// endAtLine puts the write position after the last whole line.
func endAtLine(f *os.File) error {
	b, err := io.ReadAll(f)
	if err != nil {
		return err
	}
	end := int64(bytes.LastIndexByte(b, '\n') + 1)
	if end < int64(len(b)) {
		if err := f.Truncate(end); err != nil {
			return err
		}
	}
	_, err = f.Seek(end, io.SeekStart)
	return err
}

// Add writes a line: what kind of event, and what there is to say about it (anything JSON can hold; nil: nothing).
func (e *Events) Add(kind string, about any) error {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(event{e.now().UTC().Truncate(time.Millisecond), kind, about}); err != nil {
		return err
	}
	_, err := e.file.Write(b.Bytes()) // one write a line: a crash cuts at most the last
	return err
}

// Close closes the file.
func (e *Events) Close() error { return e.file.Close() }
