package checkpoint_test

import (
	"errors"
	"syscall"
	"testing"

	. "udml-gpu/engine/checkpoint"
	"udml-gpu/models/disk"
	"udml-gpu/models/disk/faultfs"
)

// TestSaveThroughFaults: whichever operation fails, and however, Save reports it correctly, a checkpoint is found, and the
// next Save on a healthy disk leaves the same files as without the fault.
func TestSaveThroughFaults(t *testing.T) {
	for _, s := range scenes {
		t.Run(s.name, func(t *testing.T) {
			listing, ops := s.undisturbed(t)
			failed := 0
			for _, f := range faultfs.Faults() {
				for k := 1; k <= ops; k++ {
					d := s.begin(t)
					err := s.save.save(f.On(d, k))
					if err != nil {
						failed++
					}
					if err := s.outcome(d, err == nil); err != nil {
						t.Fatalf("operation %d, %v: %v", k, f, err)
					}
					if err := s.recovers(d, err == nil, listing); err != nil {
						t.Fatalf("operation %d, %v: %v", k, f, err)
					}
				}
			}
			if failed < 18*ops {
				t.Errorf("only %d Saves failed", failed)
			}
		})
	}
}

// TestSaveOnADiskWithoutLinks: exFAT and some network file systems have no links.
func TestSaveOnADiskWithoutLinks(t *testing.T) {
	for _, err := range []error{syscall.EPERM, syscall.ENOTSUP} {
		s := scenes[2]
		d := s.begin(t)
		if err := s.save.save(linkless{d, err}); err != nil {
			t.Fatal(err)
		}
		if got, err := names(d); got != "000002 000003" || err != nil {
			t.Errorf("the folder holds %q, %v", got, err)
		}
	}
}

type linkless struct {
	disk.FS
	err error
}

func (l linkless) Symlink(string, string) error { return l.err }

// TestLatestThroughFaults: when reading fails, Latest returns an error, or finds a complete checkpoint.
func TestLatestThroughFaults(t *testing.T) {
	s := scene{before: []moment{{At{1, 0}, "one", 0}}, save: moment{At{2, 0}, "two", 0}}
	d := s.begin(t)
	if err := s.save.save(d); err != nil {
		t.Fatal(err)
	}
	count := &faultfs.Failing{FS: d}
	if _, _, err := NewStore(count, runDir).Latest(); err != nil {
		t.Fatal(err)
	}
	older := 0
	for _, f := range faultfs.Faults() {
		for k := 1; k <= count.Ops(); k++ {
			dir, warnings, err := NewStore(f.On(d, k), runDir).Latest()
			switch {
			case err == nil && s.save.isIn(d, dir):
			case err == nil && s.before[0].isIn(d, dir) && len(warnings) == 1:
				older++
			case err != nil && f.Err != nil && (errors.Is(err, f.Err) || len(warnings) == 2 && errors.Is(err, ErrNone)):
			default:
				t.Fatalf("operation %d, %v: latest is %q, %q, %v", k, f, dir, warnings, err)
			}
		}
	}
	if older == 0 {
		t.Error("no fault made Latest use the checkpoint before")
	}
}

// TestRecoverThroughFaults: the leftovers of a crash, at any operation, can be removed after a failed attempt.
func TestRecoverThroughFaults(t *testing.T) {
	for _, s := range scenes {
		listing, ops := s.undisturbed(t)
		for k := 1; k <= ops; k++ {
			for j := 1; ; j++ {
				d := s.begin(t)
				_ = s.save.save(faultfs.Fault{Err: syscall.EIO, How: faultfs.Half, Gone: true}.On(d, k))
				f := faultfs.Fault{Err: syscall.EIO, How: faultfs.Late}.On(d, j)
				_, _ = NewStore(f, runDir).Recover()
				if err := s.recovers(d, false, listing); err != nil {
					t.Fatalf("%s, stopped at %d, recovery fails at %d: %v", s.name, k, j, err)
				}
				if f.Ops() < j {
					break
				}
			}
		}
	}
}
