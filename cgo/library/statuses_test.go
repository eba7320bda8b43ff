package library

import (
	"errors"
	"testing"
)

func TestStatuses(t *testing.T) {
	unfit := errors.New("no such product")
	s := &Statuses{
		Library: "libx", NotSupported: unfit,
		Text:    func(status int) string { return "text" + string(rune('0'+status)) },
		Refused: func(status int) bool { return status == 3 },
	}
	if err := s.Err("run", 0); err != nil {
		t.Errorf("success is %v", err)
	}
	if err := s.Err("run", 2); err == nil || errors.Is(err, unfit) || err.Error() != "libx's run failed: text2 (status 2)" {
		t.Errorf("a fault is %v", err)
	}
	if err := s.Err("run", 3); !errors.Is(err, unfit) || err.Error() != "no such product: run: text3 (status 3)" {
		t.Errorf("a refusal is %v", err)
	}
}
