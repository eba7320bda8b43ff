package checkpoint_test

import (
	"errors"
	"fmt"
	"syscall"
	"testing"

	. "udml-gpu/engine/checkpoint"
	"udml-gpu/engine/checkpoint/faultfs"
)

// fault is a way in which an operation goes wrong.
type fault struct {
	err  error
	how  faultfs.How
	gone bool // every later operation fails too
}

func (f fault) String() string { return fmt.Sprintf("%v, %s, for good: %t", f.err, f.how, f.gone) }

// on is the file system whose k-th operation meets the fault.
func (f fault) on(fsys FS, k int) *faultfs.Failing {
	return &faultfs.Failing{FS: fsys, K: k, Err: f.err, How: f.how, Gone: f.gone}
}

// faults are the errors of a full, read-only, broken and forbidding disk and of a server that forgot the file, each at
// once and for good; writes that say how little they wrote and no more; and bytes that change on their way.
func faults() (list []fault) {
	for _, err := range []error{syscall.ENOSPC, syscall.EROFS, syscall.EIO, syscall.EPERM, syscall.ESTALE, syscall.ENOTSUP} {
		for _, how := range []faultfs.How{faultfs.Refused, faultfs.Half, faultfs.Late} {
			list = append(list, fault{err, how, false}, fault{err, how, true})
		}
	}
	return append(list, fault{nil, faultfs.Half, false}, fault{nil, faultfs.Altered, false})
}

// TestSaveThroughFaults: whichever operation fails, and however, Save tells the truth, a checkpoint is found, and the
// next Save on a healthy disk leaves what it would have left anyway.
func TestSaveThroughFaults(t *testing.T) {
	for _, s := range scenes {
		t.Run(s.name, func(t *testing.T) {
			listing, ops := s.undisturbed(t)
			failed := 0
			for _, f := range faults() {
				for k := 1; k <= ops; k++ {
					d := s.begin(t)
					err := s.save.save(f.on(d, k))
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

// TestSaveOnADiskWithoutLinks: exFAT and some network file systems have none.
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
	FS
	err error
}

func (l linkless) Symlink(string, string) error { return l.err }

// TestLatestThroughFaults: when reading fails, Latest says so, or finds a checkpoint that is whole.
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
	for _, f := range faults() {
		for k := 1; k <= count.Ops(); k++ {
			dir, warnings, err := NewStore(f.on(d, k), runDir).Latest()
			switch {
			case err == nil && s.save.isIn(d, dir):
			case err == nil && s.before[0].isIn(d, dir) && len(warnings) == 1:
				older++
			case err != nil && f.err != nil && (errors.Is(err, f.err) || len(warnings) == 2 && errors.Is(err, ErrNone)):
			default:
				t.Fatalf("operation %d, %v: latest is %q, %q, %v", k, f, dir, warnings, err)
			}
		}
	}
	if older == 0 {
		t.Error("no fault made Latest use the checkpoint before")
	}
}

// TestRecoverThroughFaults: what a crash left, at any operation, can be tidied after an attempt that failed.
func TestRecoverThroughFaults(t *testing.T) {
	for _, s := range scenes {
		listing, ops := s.undisturbed(t)
		for k := 1; k <= ops; k++ {
			for j := 1; ; j++ {
				d := s.begin(t)
				_ = s.save.save(fault{syscall.EIO, faultfs.Half, true}.on(d, k))
				f := fault{syscall.EIO, faultfs.Late, false}.on(d, j)
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
