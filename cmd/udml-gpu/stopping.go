package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/rs/zerolog"

	"udml-gpu/models/disk"
)

// stopSignals are the signals that end a run with its state saved. Slurm and Kubernetes send SIGTERM, Ctrl-C sends SIGINT, a reached
// limit of processor time SIGXCPU, and a terminal that closes SIGHUP. SIGUSR2 is for launchers that kill a program soon after SIGTERM
// and pass other signals on, as mpirun does. If SIGHUP was ignored at the start, as with nohup, it stays ignored.
func stopSignals() []os.Signal {
	list := []os.Signal{syscall.SIGTERM, syscall.SIGUSR2, syscall.SIGINT, syscall.SIGXCPU}
	if !signal.Ignored(syscall.SIGHUP) {
		list = append(list, syscall.SIGHUP)
	}
	return list
}

// plainSignals are the stopSignals of a command that has no state to save.
var plainSignals = make(chan os.Signal, 1)

// leaveNoHalfFiles has the first of stopSignals remove the files that are being written before it ends the program, as it does without
// this. It holds until untilStopped is called.
func leaveNoHalfFiles() {
	signal.Notify(plainSignals, stopSignals()...)
	go func() {
		endBy((<-plainSignals).(syscall.Signal))
	}()
}

// untilStopped is a context that ends with the first of stopSignals; how says what the command then does. Later ones are ignored, as a
// scheduler may send several within milliseconds, except a second SIGINT, from a user who does not want to wait: it ends the program at
// once. The signals stay caught until the process ends, so that none can interrupt its last output.
//
// A log to a closed terminal or pipe does not end the program either.
func untilStopped(parent context.Context, log zerolog.Logger, how string) context.Context {
	signal.Ignore(syscall.SIGPIPE)
	signal.Stop(plainSignals)
	came := make(chan os.Signal, 8)
	signal.Notify(came, stopSignals()...)
	ctx, cancel := context.WithCancel(parent)
	go watchSignals(came, func(first os.Signal) {
		cancel()
		go announce(log, first, how) // in the background, since a paused terminal must not delay the next signal
	}, func() { endBy(syscall.SIGINT) })
	return ctx
}

// watchSignals calls stop with the first signal, and end after the second SIGINT.
func watchSignals(came <-chan os.Signal, stop func(first os.Signal), end func()) {
	interrupts := 0
	for n := 0; ; n++ {
		s := <-came
		if s == syscall.SIGINT {
			interrupts++
		}
		switch {
		case interrupts == 2:
			end()
			return
		case n == 0:
			stop(s)
		}
	}
}

// announce logs that a signal was received and what follows, since that may take a while.
func announce(log zerolog.Logger, s os.Signal, how string) {
	if s == syscall.SIGINT {
		how += "; Ctrl-C again ends at once"
		if interactive() {
			_, _ = os.Stderr.WriteString("\n") // the terminal shows ^C after the bar
		}
	}
	log.Info().Str("signal", s.String()).Msgf("asked to stop (%s): %s", s, how)
}

// endBy ends the program as the uncaught signal does, so that the shell sees the signal, and leaves no half files.
func endBy(s syscall.Signal) {
	disk.RemoveUnfinished()
	if os.Getpid() != 1 { // the first process of a container cannot be ended by a signal of its own
		signal.Reset(s)
		_ = syscall.Kill(os.Getpid(), s)
		time.Sleep(100 * time.Millisecond) // another thread may receive it
	}
	os.Exit(128 + int(s)) // after SIGUSR2 and SIGXCPU, which Go lets pass, or if the program was started with SIGINT ignored
}
