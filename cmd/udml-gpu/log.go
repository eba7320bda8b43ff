package main

import (
	"io"
	"maps"
	"os"
	"time"

	"github.com/rs/zerolog"
	"golang.org/x/term"

	"udml-gpu/engine/images"
	"udml-gpu/engine/report"
	"udml-gpu/engine/train"
)

// interactive says whether standard error is a terminal.
func interactive() bool { return term.IsTerminal(int(os.Stderr.Fd())) }

// newLog is a log in text on a terminal, and in JSON lines otherwise. On a terminal it is only sentences: each message says what its
// fields say to programs.
func newLog() zerolog.Logger {
	if interactive() {
		return zerolog.New(terminalLog(os.Stderr)).With().Timestamp().Logger()
	}
	return zerolog.New(os.Stderr).With().Timestamp().Logger()
}

// terminalLog writes time, level and message of each line, in colour unless NO_COLOR is set.
func terminalLog(w io.Writer) zerolog.ConsoleWriter {
	return zerolog.ConsoleWriter{Out: w, TimeFormat: time.TimeOnly, FormatPrepare: func(line map[string]any) error {
		maps.DeleteFunc(line, func(key string, _ any) bool {
			return key != zerolog.TimestampFieldName && key != zerolog.LevelFieldName && key != zerolog.MessageFieldName
		})
		return nil
	}}
}

// newSession is a session that reports on standard error: with log lines and, on a terminal, a progress bar.
func newSession() train.Session {
	bar := report.NewBar(os.Stderr, interactive())
	return train.Session{UI: images.UI{Log: newLog(), Loading: bar.Loading, Embedding: bar.Embedding, Work: bar.Work}, Progress: bar}
}
