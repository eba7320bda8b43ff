package train

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/rs/zerolog"

	"udml-gpu/engine/images"
	"udml-gpu/engine/run"
	"udml-gpu/engine/setting"
)

// countdown counts what a session is told of each kind of work outside steps, and calls do at one of these reports.
type countdown struct {
	sync.Mutex
	calls map[string]int
	kind  string
	at    int
	do    func()
}

func (c *countdown) tell(kind string, _, _ int) {
	c.Lock()
	defer c.Unlock()
	if c.calls[kind]++; kind == c.kind && c.calls[kind] == c.at {
		c.do()
	}
}

// session is a session whose every report of work is counted: images decoded, images embedded, pictures drawn.
func (c *countdown) session() Session {
	c.calls = map[string]int{}
	kind := func(name string) func(int, int) {
		return func(done, total int) { c.tell(name, done, total) }
	}
	return Session{UI: images.UI{Log: zerolog.Nop(), Loading: kind("decoding"), Embedding: kind("embedding"), Work: c.tell}}
}

// trainUntil starts a run and trains it to its end, or until ctx ends.
func trainUntil(ctx context.Context, c setting.Config, s Session) (*run.Result, error) {
	tr, err := New(ctx, c, s)
	if err != nil {
		return nil, err
	}
	defer tr.Close()
	return onTrainImages(tr).Train(ctx)
}

// TestStopsOutsideSteps: a signal while images are decoded, the layer is whitened, quality is measured, neighbours are searched, the
// final whitening is fitted, or pictures are drawn ends the run with ErrStopped, and the resumed run leaves the bytes of one that was
// never stopped.
func TestStopsOutsideSteps(t *testing.T) {
	stopsOutsideSteps(t, map[string]int{"decoding": 2, "embedding": 7, "drawing the report": 2}, func(c *setting.Config) {
		c.EvalEvery, c.HeadInit, c.FinalWhiten, c.Labels = 1, "whiten", true, "auto"
		c.Set("positives", "neighbours")
	})
}

// TestSmallViewsStopOutsideSteps: so does a run on smaller views, which fits the layer twice, and evaluates at another size than it
// searches neighbours.
func TestSmallViewsStopOutsideSteps(t *testing.T) {
	stopsOutsideSteps(t, map[string]int{"embedding": 6}, func(c *setting.Config) {
		c.EvalEvery, c.HeadInit, c.FinalWhiten, c.Labels, c.TrainSize = 1, "whiten", true, "auto", 8
		c.Set("positives", "neighbours")
	})
}

func stopsOutsideSteps(t *testing.T, places map[string]int, settings func(c *setting.Config)) {
	t.Helper()
	whole, counted := tiny(t, settings), &countdown{}
	if _, err := trainUntil(context.Background(), whole, counted.session()); err != nil {
		t.Fatal(err)
	}
	want := runFiles(t, whole.Out)
	for kind, most := range places {
		calls := counted.calls[kind]
		if calls <= most {
			t.Fatalf("%d reports of %s: there is too little of it to be stopped at %d places", calls, kind, most)
		}
		for i := range most {
			at := 1 + i*(calls-1)/most // never the last: after the last picture nothing is left to stop
			t.Run(fmt.Sprintf("%s %d of %d", kind, at, calls), func(t *testing.T) {
				c := tiny(t, settings)
				ctx, cancel := context.WithCancel(context.Background())
				defer cancel()
				s := (&countdown{kind: kind, at: at, do: cancel}).session()
				if _, err := trainUntil(ctx, c, s); !errors.Is(err, ErrStopped) {
					t.Fatalf("error %v, want ErrStopped", err)
				}
				resumeTiny(t, c)
				wantRunFiles(t, want, c.Out)
			})
		}
	}
}
