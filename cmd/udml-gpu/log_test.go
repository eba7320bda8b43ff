package main

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/rs/zerolog"
)

// On a terminal a line is a sentence: no fields, and no colours where they are not wanted.
func TestTerminalLog(t *testing.T) {
	t.Setenv("NO_COLOR", "1")
	var b bytes.Buffer
	log := zerolog.New(terminalLog(&b)).With().Timestamp().Logger()
	log.Warn().Err(errors.New("bad")).Int("epoch", 3).Interface("terms", map[string]float64{"loss": 1}).Msg("the loss is high: bad")
	if got := b.String(); !strings.HasSuffix(got, " WRN the loss is high: bad\n") || strings.ContainsAny(got, "{}=\x1b") {
		t.Errorf("%q", got)
	}
}
