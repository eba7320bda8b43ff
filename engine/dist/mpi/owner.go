package mpi

import (
	"runtime"
	"time"
)

// owner is a goroutine on a thread of its own that makes all calls of MPI, which wants them from one thread. Whoever asks it to waits, so
// that a call which never returns can be given up.
type owner chan func()

func newOwner() owner {
	o := make(owner)
	go func() {
		runtime.LockOSThread() // for ever: where the goroutine ended, the thread would too
		for f := range o {
			f()
		}
	}()
	return o
}

// within has the owner call f and gives its result; ok is false if that takes longer than the limit. Then f may still be running.
func within[T any](o owner, limit time.Duration, f func() T) (result T, ok bool) {
	done := make(chan T, 1)
	late := time.NewTimer(limit)
	defer late.Stop()
	select {
	case o <- func() { done <- f() }:
	case <-late.C:
		return result, false
	}
	select {
	case result = <-done:
		return result, true
	case <-late.C:
		return result, false
	}
}

// onThread has the owner call f, which comes to an end by itself, and gives its result.
func onThread[T any](o owner, f func() T) T {
	done := make(chan T, 1)
	o <- func() { done <- f() }
	return <-done
}
