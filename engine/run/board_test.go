package run

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"udml-gpu/engine/data/cache"
	"udml-gpu/engine/eval"
	"udml-gpu/engine/method"
	"udml-gpu/engine/report"
	"udml-gpu/engine/report/board/boardtest"
	"udml-gpu/engine/setting"
)

// quality is one with labels.
func quality(recall float64) *Quality {
	views := 0.5
	return &Quality{
		Scores: &eval.Scores{Images: 10, Recall: map[int]float64{2: 1, 1: recall}}, EffectiveRank: 3, ViewRecall: &views,
		Pooled: &eval.Scores{Recall: map[int]float64{1: 0.25}},
	}
}

// boardRun is a run of some epochs, each of 4 steps and 2 seconds.
func boardRun(epochs int) *Sheet {
	s := &State{Version: StateVersion, Epoch: epochs, Before: quality(0.125)}
	for e := 1; e <= epochs; e++ {
		s.History = append(s.History, &EpochReport{
			Epoch: e, Steps: 4, Skipped: 1, LearningRate: 0.5, Terms: map[string]float64{"loss": 1 / float64(e), "a\xff": 2},
			Health: Health{method.Figure{Key: "live", Value: 0.75}},
		})
		s.EpochSeconds = append(s.EpochSeconds, 2*float64(e))
	}
	return &Sheet{Dir: "run", Config: setting.Defaults(), State: s, Train: &cache.Cache{}}
}

// find are the values of a tag as step, time and value.
func find(list []boardtest.Value, tag string) string {
	text := ""
	for _, v := range list {
		if v.Tag == tag {
			text += fmt.Sprintf("%d %g %g, ", v.Step, v.Wall, v.Scalar)
		}
	}
	return strings.TrimSuffix(text, ", ")
}

// TestBoard: every figure of a run is in the file, at its step and its time.
func TestBoard(t *testing.T) {
	sheet := boardRun(2)
	h := sheet.State.History
	h[0].Quality = quality(0.25)
	h[1].Within = &Within{Steps: []int{1, 4}, Figures: map[string][]float64{"loss": {3, 5}, "short": {7}}}
	after := quality(0.75)
	after.Raw = &eval.Scores{Recall: map[int]float64{1: 0.5}}
	sheet.State.Result = &Result{Before: sheet.State.Before, After: after, Epochs: 2, Seconds: 5, Warnings: []string{"take care"}}
	picture := report.Picture{About: "all", JPEG: []byte{0xff, 0xd8, 1}, Width: 3, Height: 2}
	sheet.Albums = []report.Album{{Title: "Map", Pictures: []report.Picture{picture}}}
	list := boardtest.Read(t, sheet.Board())
	for tag, want := range map[string]string{
		"train/loss": "4 2 1, 8 4 0.5", "train/bytes:a%FF": "4 2 2, 8 4 2", "train/learning_rate": "4 2 0.5, 8 4 0.5",
		"train/skipped_steps": "4 2 1, 8 4 1", "health/live": "4 2 0.75, 8 4 0.75",
		"quality/recall@1": "0 0 0.125, 4 2 0.25, 8 5 0.5", "quality/recall@2": "0 0 1, 4 2 1",
		"quality/effective_rank": "0 0 3, 4 2 3", "quality/view_recall": "0 0 0.5, 4 2 0.5",
		"quality_pooled/recall@1": "0 0 0.25, 4 2 0.25",
		"within/loss":             "5 2.5 3, 8 4 5", "within/short": "5 2.5 7",
		"result/recall@1": "8 5 0.75", "result_pooled/recall@1": "8 5 0.25", "result/effective_rank": "8 5 3",
		"_hparams_/session_start_info": "0 0 0", "_hparams_/session_end_info": "8 5 0", "Map/01": "8 5 0", "verdict": "8 5 0",
	} {
		if got := find(list, tag); got != want {
			t.Errorf("%s: %s, want %s", tag, got, want)
		}
	}
	for tag, want := range map[string]string{
		"_hparams_/session_start_info": "clip-grad", "verdict": "take care", "Map/01": "\xff\xd8\x01",
	} {
		at := slices.IndexFunc(list, func(v boardtest.Value) bool { return v.Tag == tag })
		if !bytes.Contains(slices.Concat(list[at].Fields[4], list[at].Fields[8], list[at].Fields[9]), []byte(want)) {
			t.Errorf("%s: %v", tag, list[at].Fields)
		}
	}
}

// TestBoardGrows: the file of a run begins with what it was after fewer epochs, so that a program that follows it goes on reading.
func TestBoardGrows(t *testing.T) {
	last := boardRun(0).Board()
	for epochs := 1; epochs < 4; epochs++ {
		b := boardRun(epochs).Board()
		if !bytes.HasPrefix(b, last) || len(b) == len(last) {
			t.Errorf("after %d epochs the beginning is another", epochs)
		}
		last = b
	}
	ended := boardRun(3)
	ended.State.Result = &Result{Before: ended.State.Before, After: quality(1), Epochs: 3}
	if !bytes.HasPrefix(ended.Board(), last) {
		t.Error("with a result the beginning is another")
	}
	elsewhere := boardRun(3)
	elsewhere.Config.Out, elsewhere.Dir = "moved", "moved"
	if !bytes.Equal(elsewhere.Board(), last) {
		t.Error("a run that was moved has another file")
	}
}

// TestBoardTimes: of epochs that an earlier version trained the times are not known.
func TestBoardTimes(t *testing.T) {
	s := &State{Epoch: 2, Seconds: 7}
	s.TimeEpoch()
	s.Epoch, s.Seconds = 3, 9
	s.TimeEpoch()
	if !slices.Equal(s.EpochSeconds, []float64{0, 7, 9}) {
		t.Errorf("%v", s.EpochSeconds)
	}
	sheet := boardRun(3)
	sheet.State.EpochSeconds = []float64{0, 7}
	if got := find(boardtest.Read(t, sheet.Board()), "train/skipped_steps"); got != "4 0 1, 8 7 1, 12 7 1" {
		t.Error(got)
	}
}

// TestLastQuality: the curve of the embedding before the final whitening goes on to the end of the run.
func TestLastQuality(t *testing.T) {
	for name, c := range map[string]struct {
		whiten, raw, evaluated bool
		want                   string
	}{
		"whitened":               {true, true, false, "0 0 0.125, 4 2 0.5"},
		"not whitened":           {false, false, false, "0 0 0.125, 4 2 0.75"},
		"whitened, not measured": {true, false, false, "0 0 0.125"},
		"evaluated":              {true, true, true, "0 0 0.125, 4 2 0.25"},
	} {
		sheet := boardRun(1)
		sheet.Config.FinalWhiten = c.whiten
		sheet.State.Result = &Result{Before: sheet.State.Before, After: quality(0.75)}
		if c.raw {
			sheet.State.Result.After.Raw = &eval.Scores{Recall: map[int]float64{1: 0.5}}
		}
		if c.evaluated {
			sheet.State.History[0].Quality = quality(0.25)
		}
		if got := find(boardtest.Read(t, sheet.Board()), "quality/recall@1"); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

// TestWriteBoard: an event file that a killed process has cut short, or another one, becomes the right one.
func TestWriteBoard(t *testing.T) {
	b := boardRun(3).Board()
	r := At(t.TempDir())
	path := filepath.Join(r.Name, BoardFolder, BoardFile)
	for _, was := range [][]byte{nil, b[:100], boardRun(2).Board(), append(bytes.Clone(b[:500]), make([]byte, 1000)...), append(b, b...)} {
		if err := r.writeBoard(&Snapshot{Board: was}); err != nil {
			t.Fatal(err)
		}
		if err := r.writeBoard(&Snapshot{Board: b}); err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(path); err != nil || !bytes.Equal(got, b) {
			t.Errorf("%d bytes, %v", len(got), err)
		}
	}
	blocked := At(t.TempDir())
	if err := os.WriteFile(blocked.Path(BoardFolder), nil, 0o666); err != nil {
		t.Fatal(err)
	}
	if err := blocked.Write(&Snapshot{Board: b}); err == nil {
		t.Error("a file in place of the folder is no error")
	}
}

// BenchmarkBoard is what a checkpoint adds for a history of 1,000 epochs.
func BenchmarkBoard(b *testing.B) {
	sheet := boardRun(1000)
	for _, h := range sheet.State.History {
		h.Quality = quality(0.5)
	}
	for b.Loop() {
		b.SetBytes(int64(len(sheet.Board())))
	}
}
