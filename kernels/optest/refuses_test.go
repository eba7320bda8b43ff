package optest

import (
	"fmt"
	"testing"
)

type noted struct {
	testing.TB
	said string
}

func (n *noted) Helper() {}

func (n *noted) Errorf(format string, args ...any) { n.said = fmt.Sprintf(format, args...) }

func TestRefusesNotices(t *testing.T) {
	for want, call := range map[string]func(){
		"":                   func() { panic("op.Do: 3 rows") },
		"op.Do: rows: taken": func() {},
		`op.Do: rows: refused with "index out of range"`: func() { panic("index out of range") },
	} {
		var n noted
		if Refuses(&n, "op.Do: ", "rows", call); n.said != want {
			t.Errorf("said %q, want %q", n.said, want)
		}
	}
}
