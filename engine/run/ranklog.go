package run

import (
	"fmt"
	"os"
	"path/filepath"
	"sync"

	"github.com/rs/zerolog"

	"udml-gpu/engine/machine"
	"udml-gpu/engine/report"
	"udml-gpu/models/disk"
)

// RanksFolder holds a log of each rank but the first: ranks/0001.jsonl, ...
const RanksFolder = "ranks"

// RankLog is the log of a rank that writes no other files of the run: each start with host, process and device, warnings, and the end if
// another rank was gone. As a zerolog.Hook it takes warnings. What comes before Open is kept until then. A log that cannot be written is
// given up without a word, since the warnings also go to standard error.
type RankLog struct {
	lock   sync.Mutex
	early  []entry
	events *report.Events
	closed bool
}

type entry struct {
	kind  string
	about any
}

// mostEarly bounds what is kept before Open.
const mostEarly = 64

// Open opens the log of a rank in the run directory dir, once its run has begun. device is what it computes on.
func (l *RankLog) Open(dir string, rank int, device string) {
	if l == nil {
		return
	}
	l.lock.Lock()
	defer l.lock.Unlock()
	folder := filepath.Join(dir, RanksFolder)
	if disk.MakeDir(folder) != nil {
		return
	}
	var err error
	if l.events, err = report.OpenEvents(filepath.Join(folder, fmt.Sprintf("%04d.jsonl", rank))); err != nil {
		l.events = nil
		return
	}
	_ = l.events.Add("start", map[string]any{"host": machine.Host(), "pid": os.Getpid(), "device": device})
	for _, e := range l.early {
		_ = l.events.Add(e.kind, e.about)
	}
	l.early = nil
}

// Run takes the message of a warning.
func (l *RankLog) Run(_ *zerolog.Event, level zerolog.Level, message string) {
	if level >= zerolog.WarnLevel {
		l.add("warning", map[string]any{"message": message})
	}
}

// Lost notes that another rank is gone, and what was exchanged before. Later calls do nothing.
func (l *RankLog) Lost(err error, exchanges any) {
	if l == nil {
		return
	}
	l.add("lost", map[string]any{"reason": err.Error(), "exchanges": exchanges})
	l.lock.Lock()
	defer l.lock.Unlock()
	l.closed = true
}

func (l *RankLog) add(kind string, about any) {
	l.lock.Lock()
	defer l.lock.Unlock()
	switch {
	case l.closed:
	case l.events != nil:
		_ = l.events.Add(kind, about)
	case len(l.early) < mostEarly:
		l.early = append(l.early, entry{kind, about})
	}
}
