package past

import (
	"bytes"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"time"

	"udml-gpu/engine/run"
	"udml-gpu/engine/setting"
	"udml-gpu/models/disk"
)

// firstLine is how much of events.jsonl is read, in bytes: the line of a start has about 600.
const firstLine = 64 << 10

// start is the first line of events.jsonl.
type start struct {
	Time  time.Time `json:"time"`
	About struct {
		Images int `json:"images"`
	} `json:"about"`
}

// began is the start of the run in dir. Without events it is the time of its settings file; ok is false where there is neither.
func began(dir string) (s start, ok bool) {
	f, _, err := disk.Open(filepath.Join(dir, run.EventsFile))
	if err == nil {
		b, err := io.ReadAll(io.LimitReader(f, firstLine))
		f.Close()
		if err == nil {
			if s, ok = parseStart(b); ok {
				return s, true
			}
		}
	}
	info, err := os.Stat(filepath.Join(dir, setting.ConfigFile))
	if err != nil {
		return start{}, false
	}
	return start{Time: info.ModTime().UTC().Truncate(time.Second)}, true
}

// parseStart reads the first line of an event log.
func parseStart(b []byte) (s start, ok bool) {
	line, _, complete := bytes.Cut(b, []byte("\n"))
	if !complete || json.Unmarshal(line, &s) != nil || s.Time.IsZero() || s.About.Images < 0 {
		return start{}, false
	}
	s.Time = s.Time.UTC()
	return s, true
}
