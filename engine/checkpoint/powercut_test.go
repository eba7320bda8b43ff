package checkpoint_test

import (
	"syscall"
	"testing"

	. "udml-gpu/engine/checkpoint"
	"udml-gpu/models/disk/faultfs"
)

// afterPowerCuts checks every disk that a power cut may leave of d.
func (s scene) afterPowerCuts(t *testing.T, d *faultfs.Disk, mustBeNew bool, listing string, format string, args ...any) {
	t.Helper()
	n := 0
	for cut, left := range d.PowerCuts() {
		n++
		if err := s.recovers(left, mustBeNew, listing); err != nil {
			t.Fatalf(format+", %s: %v", append(args, cut, err)...)
		}
	}
	if n == 0 {
		t.Fatal("the power was not cut")
	}
}

// TestPowerCutDuringSave stops after every operation and loses what was not synced.
func TestPowerCutDuringSave(t *testing.T) {
	for _, s := range scenes {
		listing, ops := s.undisturbed(t)
		for k := 1; k <= ops+1; k++ {
			d := s.begin(t)
			err := s.save.save(faultfs.Stop.On(d, k))
			if (err == nil) != (k > ops) {
				t.Fatalf("%s, stopped at %d of %d: %v", s.name, k, ops, err)
			}
			s.afterPowerCuts(t, d, err == nil, listing, "%s, stopped at %d", s.name, k)
		}
	}
}

// TestPowerCutAfterAFaultAndASave: a Save that succeeds after a failed one is on disk, whatever the failed one had
// already done.
func TestPowerCutAfterAFaultAndASave(t *testing.T) {
	for _, s := range scenes {
		listing, ops := s.undisturbed(t)
		for k := 1; k <= ops; k++ {
			for _, how := range []faultfs.How{faultfs.Refused, faultfs.Half, faultfs.Late} {
				d := s.begin(t)
				_ = s.save.save(faultfs.Fault{Err: syscall.EIO, How: how}.On(d, k))
				if err := s.save.save(d); err != nil {
					t.Fatal(err)
				}
				s.afterPowerCuts(t, d, true, listing, "%s, operation %d %v, saved again", s.name, k, how)
			}
		}
	}
}

// TestPowerCutDuringRecovery: a second crash, during the recovery from the first.
func TestPowerCutDuringRecovery(t *testing.T) {
	s := scenes[3] // a checkpoint steps aside: most to put right
	listing, ops := s.undisturbed(t)
	for k := 1; k <= ops; k++ {
		for j := 1; ; j++ {
			d := s.begin(t)
			_ = s.save.save(faultfs.Stop.On(d, k))
			f := faultfs.Stop.On(d, j)
			_, _ = NewStore(f, runDir).Recover()
			s.afterPowerCuts(t, d, false, listing, "stopped at %d, and again at %d", k, j)
			if f.Ops() < j {
				break
			}
		}
	}
}
