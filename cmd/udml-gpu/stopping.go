package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/rs/zerolog"
)

// askToStop are the signals that end a run with its state saved: Slurm and Kubernetes send SIGTERM, a person SIGINT, a limit of processor
// time that is reached SIGXCPU, and a terminal that goes away SIGHUP. Started with SIGHUP ignored, as by nohup, the program outlives its
// terminal.
func askToStop() []os.Signal {
	list := []os.Signal{syscall.SIGTERM, syscall.SIGINT, syscall.SIGXCPU}
	if !signal.Ignored(syscall.SIGHUP) {
		list = append(list, syscall.SIGHUP)
	}
	return list
}

// untilStopped is a context that ends with the first signal that asks to stop. Those after it change nothing, as a scheduler may send
// several within milliseconds, except a second SIGINT: that is a person who does not want to wait, and calls end. The signals stay caught
// until the process ends, so that none can cut off its last words.
//
// A log whose terminal or other end of the pipe is gone does not end the program either.
func untilStopped(parent context.Context, log zerolog.Logger, end func()) context.Context {
	signal.Ignore(syscall.SIGPIPE)
	came := make(chan os.Signal, 8)
	signal.Notify(came, askToStop()...)
	ctx, cancel := context.WithCancel(parent)
	go heed(came, func(first os.Signal) {
		cancel()
		go announce(log, first) // a terminal that is held up must not hold up the next signal
	}, end)
	return ctx
}

// heed calls stop with the first signal, and end with the second SIGINT.
func heed(came <-chan os.Signal, stop func(first os.Signal), end func()) {
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

// announce tells that a signal was heard: the present step may take a while.
func announce(log zerolog.Logger, s os.Signal) {
	how := "at the next step the run is saved and ends"
	if s == syscall.SIGINT {
		how += "; a second interrupt ends it at once, without saving"
		if interactive() {
			_, _ = os.Stderr.WriteString("\n") // the terminal shows ^C, behind the bar
		}
	}
	log.Info().Str("signal", s.String()).Msg("asked to stop: " + how)
}

// interruptedTwice ends the program as a SIGINT does by default, so that a shell knows what ended it.
func interruptedTwice() {
	signal.Reset(syscall.SIGINT)
	_ = syscall.Kill(os.Getpid(), syscall.SIGINT)
	os.Exit(128 + int(syscall.SIGINT)) // where the program was started with SIGINT ignored
}
