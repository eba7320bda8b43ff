package main

import (
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

// newLog is a log in text on a terminal, and in JSON lines otherwise. On a terminal, fields that the message itself sums up are left
// out.
func newLog() zerolog.Logger {
	if interactive() {
		w := zerolog.ConsoleWriter{Out: os.Stderr, TimeFormat: time.TimeOnly, FieldsExclude: []string{
			"epoch", "terms", "health", "quality",
			"reason", "count", "examples", "layout", "left_out", "images_without_label",
		}}
		return zerolog.New(w).With().Timestamp().Logger()
	}
	return zerolog.New(os.Stderr).With().Timestamp().Logger()
}

// newSession is a session that reports on standard error: with log lines and, on a terminal, a progress bar.
func newSession() train.Session {
	bar := report.NewBar(os.Stderr, interactive())
	return train.Session{UI: images.UI{Log: newLog(), Loading: bar.Loading, Embedding: bar.Embedding}, Progress: bar}
}
