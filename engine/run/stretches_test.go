package run

import (
	"encoding/json"
	"reflect"
	"slices"
	"testing"
)

// fill adds all steps after done of an epoch of total steps, of which every third is skipped; step k has the loss k.
func fill(s *Stretches, done, total int) {
	for step := done + 1; step <= total; step++ {
		counted := step%3 != 0
		if at := s.Begin(step, total, counted); counted {
			s.Add(at, "loss", float64(step))
		}
	}
}

// Stretches that are saved anywhere within an epoch and go on are those that were never saved.
func TestStretchesGoOn(t *testing.T) {
	for _, total := range []int{2, 5, 31, 32, 33, 100, 1000} {
		whole := NewStretches(1, total)
		fill(whole, 0, total)
		if err := whole.check(total); err != nil || len(whole.Steps) > maxStretches {
			t.Fatalf("%d steps: %v, %+v", total, err, whole)
		}
		for cut := 1; cut < total; cut += 1 + total/17 {
			half := NewStretches(1, total)
			for step := 1; step <= cut; step++ {
				if at := half.Begin(step, total, step%3 != 0); step%3 != 0 {
					half.Add(at, "loss", float64(step))
				}
			}
			b, err := json.Marshal(half.Clone())
			if err != nil {
				t.Fatal(err)
			}
			var again Stretches
			if err := json.Unmarshal(b, &again); err != nil || again.check(cut) != nil {
				t.Fatalf("%s: %v, %v", b, err, again.check(cut))
			}
			if fill(&again, cut, total); !reflect.DeepEqual(&again, whole) {
				t.Errorf("%d steps, saved after %d: %+v, want %+v", total, cut, &again, whole)
			}
		}
	}
}

func TestStretchesMeans(t *testing.T) {
	s := NewStretches(1, 4)
	fill(s, 0, 4)
	w := s.Means()
	if w == nil || !slices.Equal(w.Steps, []int{1, 2, 4}) || !slices.Equal(w.Figures["loss"], []float64{1, 2, 4}) {
		t.Errorf("%+v", w)
	}
	if NewStretches(stretchedEpochs+1, 9) != nil || NewStretches(1, 1) != nil || (*Stretches)(nil).Means() != nil || (*Stretches)(nil).Clone() != nil {
		t.Error("stretches where there are none")
	}
}

func TestStretchesCheck(t *testing.T) {
	for text, ok := range map[string]bool{
		`{"steps":[2,4],"counted":[2,2],"sums":{"loss":[1,2]}}`: true,
		`{"steps":[2,4],"counted":[2,2],"sums":{"loss":[1]}}`:   false,
		`{"steps":[2,4],"counted":[2],"sums":{}}`:               false,
		`{"steps":[4,4],"counted":[0,0],"sums":{}}`:             false,
		`{"steps":[2,4],"counted":[3,2],"sums":{}}`:             false,
		`{"steps":[2,5],"counted":[2,2],"sums":{}}`:             false,
		`{}`: true,
	} {
		var s Stretches
		if err := json.Unmarshal([]byte(text), &s); err != nil || (s.check(4) == nil) != ok {
			t.Errorf("%s: %v, %v", text, err, s.check(4))
		}
	}
}
