package mirror

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"udml-gpu/engine/checkpoint"
	"udml-gpu/engine/data/baddata"
)

func TestOneWriter(t *testing.T) {
	start(t)
	claimed(t)
	began := time.Now()
	_, err := Claim(context.Background(), address, zerolog.Nop())
	if bad := (*baddata.Error)(nil); !errors.As(err, &bad) || !strings.Contains(err.Error(), fmt.Sprintf("is in use by process %d on ",
		os.Getpid())) {
		t.Errorf("%v", err)
	}
	if took := time.Since(began); took > 2*time.Second {
		t.Errorf("it took %v", took)
	}
}

func TestReleased(t *testing.T) {
	start(t)
	claimed(t).Close()
	began := time.Now()
	claimed(t)
	if took := time.Since(began); took > time.Second {
		t.Errorf("it took %v", took)
	}
}

func TestDeadWriter(t *testing.T) {
	const lock = `{"host":"gone","pid":7,"start":"2026-01-01T00:00:00Z","token":"x","system":"another","seconds":2}`
	for name, c := range map[string]struct {
		content     string
		age         time.Duration
		least, most time.Duration
	}{
		"old":     {lock, time.Minute, 0, time.Second},
		"fresh":   {lock, 0, 2 * time.Second, 4 * time.Second},
		"no lock": {"no JSON", 0, 2 * time.Second, 4 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			s := start(t)
			s.PutOld("bucket/runs/a/lock", c.content, c.age)
			began := time.Now()
			claimed(t)
			if took := time.Since(began); took < c.least || took > c.most {
				t.Errorf("it took %v", took)
			}
		})
	}
}

func TestTakenOver(t *testing.T) {
	s := start(t)
	m := claimed(t)
	at := checkpoint.At{Epoch: 1}
	dir := runIn(t, at)
	s.Put("bucket/runs/a/lock", `{"host":"other","pid":9,"token":"y","seconds":2}`)
	for range 40 {
		if m.Err() != nil {
			break
		}
		time.Sleep(100 * time.Millisecond)
	}
	if err := m.Err(); err == nil || !strings.Contains(err.Error(), "taken over") {
		t.Errorf("%v", err)
	}
	if err := m.Push(dir, at, 3); err == nil {
		t.Error("it is pushed nevertheless")
	}
	m.Close()
	if got, _ := s.Get("bucket/runs/a/lock"); !strings.Contains(got, "other") {
		t.Errorf("the lock is %q", got)
	}
}

func TestLostAnswers(t *testing.T) {
	s := start(t)
	lost := map[string]bool{}
	s.Spoil = func(r *http.Request, _ int) string {
		if r.Method != http.MethodPut || lost[r.URL.Path] {
			return ""
		}
		lost[r.URL.Path] = true
		return "lost"
	}
	m := claimed(t)
	at := checkpoint.At{Epoch: 1}
	pushed(t, m, runIn(t, at), 3, at)
	if err := m.Finish(runIn(t), func() error { return errors.New("it was not sent") }); err != nil {
		t.Error(err)
	}
}

func TestStoreWithoutConditions(t *testing.T) {
	s := start(t)
	s.Spoil = func(r *http.Request, _ int) string {
		r.Header.Del("If-None-Match")
		return ""
	}
	_, err := Claim(context.Background(), address, zerolog.Nop())
	if err == nil || !strings.Contains(err.Error(), "If-None-Match") {
		t.Errorf("%v", err)
	}
	if len(s.Places()) > 0 {
		t.Errorf("it leaves %v", s.Places())
	}
}
