// Command udml-gpu learns an image embedding from images without labels and puts it to work.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/urfave/cli/v2"

	_ "udml-gpu/cgo/memory" // when memory runs out the program ends with one sentence instead of a dump
	"udml-gpu/engine/collection/convert"
	"udml-gpu/engine/collection/fill"
	"udml-gpu/engine/collection/push"
	"udml-gpu/engine/data/baddata"
	"udml-gpu/engine/dist"
	"udml-gpu/engine/machine"
	"udml-gpu/engine/network"
	"udml-gpu/engine/setting"
	"udml-gpu/engine/train"
)

// The exit codes (docs/architecture.md, section 9).
const (
	exitInternal = 1
	exitUsage    = 2
	exitData     = 3
	exitDiverged = 4
	exitMemory   = 5
	exitPeer     = dist.ExitPeer
	exitStopped  = dist.ExitStopped
)

func main() { runAndExit() }

// runAndExit is the program.
func runAndExit() {
	code := runProgram(os.Args)
	if joined != nil {
		joined.Exit(code)
	}
	os.Exit(code)
}

// runProgram is main with an exit code, so that test scripts can call it.
func runProgram(args []string) int {
	signal.Ignore(syscall.SIGXFSZ) // so that a file beyond ulimit -f is an error of the write, like a full disk
	leaveNoHalfFiles()
	return guarded(func() error {
		a := app(chosenMethod(args))
		return a.RunContext(context.Background(), flagsFirst(a, args))
	})
}

// guarded calls do and returns the exit code. A panic is a bug of the program and gives exitInternal.
func guarded(do func() error) (code int) {
	defer func() {
		if p := recover(); p != nil {
			fmt.Fprintf(os.Stderr, "udml-gpu: internal error: %v\nThis is a bug; please report it with the command you ran.\n", p)
			if os.Getenv("UDML_TRACE") != "" {
				panic(p)
			}
			code = exitInternal
		}
	}()
	err := do()
	var ended endedRanks
	switch {
	case err == nil:
		return 0
	case errors.As(err, &ended):
		return int(ended)
	}
	fmt.Fprintln(os.Stderr, "udml-gpu: "+strings.TrimSpace(err.Error()))
	return exitCode(err)
}

func exitCode(err error) int {
	var usage *setting.UsageError
	var bad *baddata.Error
	var device *machine.DeviceError
	var left *dist.LeftError
	var gone *dist.PeerError
	switch {
	case errors.Is(err, syscall.ENOMEM): // first, since other kinds of error may wrap it
		return exitMemory
	case errors.As(err, &left) && left.Code != 0:
		return left.Code // of the rank that knows the cause
	case errors.As(err, &left), errors.As(err, &gone):
		return exitPeer
	case errors.As(err, &usage):
		return exitUsage
	case errors.As(err, &bad):
		return exitData
	case errors.As(err, &device):
		return exitMemory
	case errors.Is(err, network.ErrDiverged):
		return exitDiverged
	case errors.Is(err, train.ErrStopped), errors.Is(err, fill.ErrStopped), errors.Is(err, convert.ErrStopped),
		errors.Is(err, push.ErrStopped):
		return exitStopped
	}
	return exitInternal
}

// app is the program with all its commands; --help shows the settings of that method, or of all methods for "".
func app(method string) *cli.App {
	return &cli.App{
		Name:    "udml-gpu",
		Version: machine.Version(),
		Usage:   "learn an image embedding from unlabelled images, and use it",
		Description: "Standard output is the result, standard error the log. Exit codes: 0 done, 1 internal error, " +
			"2 usage, 3 bad data or file, 4 numbers diverged or the embedding collapsed, 5 GPU or memory, " +
			"6 another process of the run is gone, 75 stopped by a signal.",
		Commands: withExamples([]*cli.Command{
			trainCommand(method), reproduceCommand(), runsCommand(), evalCommand(), embedCommand(), searchCommand(),
			serveCommand(), duplicatesCommand(),
			clusterCommand(), mapCommand(), selectCommand(), convertCommand(), pushCommand(), exportCommand(),
			weightsCommand(), dataCommand(), benchCommand(method), doctorCommand(method), licensesCommand(),
			completionCommand(), manCommand(), completeCommand(),
		}, ""),
		HideHelpCommand: true,
		OnUsageError:    usageError,
		CommandNotFound: func(_ *cli.Context, name string) {},
		Action:          noCommand,
		ExitErrHandler:  func(*cli.Context, error) {},
	}
}
