package report

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"syscall"
	"time"

	"udml-gpu/models/disk"
)

// Events is the event log of a run: one line of JSON for each event, with time and kind first. Lines are
// only appended, so that it records every start, stop and crash of the run.
type Events struct {
	file eventsFile
	end  int64 // of the last complete line
	torn bool  // there may be an incomplete line after end
	now  func() time.Time
}

// eventsFile is an *os.File except in tests.
type eventsFile interface {
	io.WriterAt
	io.Closer
	Truncate(size int64) error
}

// event is the fields of every line.
type event struct {
	Time  time.Time `json:"time"`
	Event string    `json:"event"`
	About any       `json:"about,omitempty"`
}

// OpenEvents opens the log at path, or creates it. A last line that a crash cut short is removed. A link is refused: it might
// lead to a file that is not an event log.
func OpenEvents(path string) (*Events, error) {
	f, err := disk.OpenOwn(path)
	if errors.Is(err, syscall.ELOOP) {
		return nil, fmt.Errorf("%s is a link; remove it", path)
	}
	if err != nil {
		return nil, err
	}
	e := &Events{file: f, torn: true, now: time.Now}
	if e.end, err = lastLine(f); err == nil {
		err = e.mend()
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return e, nil
}

// lastLine is where the last complete line of f ends. It reads backwards from the end, only as far as the incomplete line is long.
func lastLine(f *os.File) (int64, error) {
	end, err := f.Seek(0, io.SeekEnd)
	if err != nil {
		return 0, err
	}
	block := make([]byte, 4096)
	for end > 0 {
		n := min(end, int64(len(block)))
		if _, err := f.ReadAt(block[:n], end-n); err != nil {
			return 0, err
		}
		if i := bytes.LastIndexByte(block[:n], '\n'); i >= 0 {
			return end - n + int64(i) + 1, nil
		}
		end -= n
	}
	return 0, nil
}

// mend removes an incomplete line from the end.
func (e *Events) mend() error {
	if !e.torn {
		return nil
	}
	if err := e.file.Truncate(e.end); err != nil {
		return err
	}
	e.torn = false
	return nil
}

// Add appends a line: the kind of event, and details (anything JSON can hold; nil: none). When
// it fails, no part of the line stays: it is removed at once or, where that fails too, before the next one is written.
func (e *Events) Add(kind string, about any) error {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(event{e.now().UTC().Truncate(time.Millisecond), kind, about}); err != nil {
		return err
	}
	if err := e.mend(); err != nil {
		return err
	}
	_, err := e.file.WriteAt(b.Bytes(), e.end) // one write for each line, so that a crash cuts at most the last
	if err != nil {
		e.torn = true
		_ = e.mend() // if this keeps failing, the next Add returns the error
		return err
	}
	e.end += int64(b.Len())
	return nil
}

// Close closes the file.
func (e *Events) Close() error { return e.file.Close() }
