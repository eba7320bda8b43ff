package main

import (
	"fmt"
	"os"
	"strings"
	"text/tabwriter"

	"github.com/urfave/cli/v2"

	"udml-gpu/engine/dist/launch"
	"udml-gpu/engine/dist/ranks"
	"udml-gpu/engine/machine"
	"udml-gpu/engine/machine/survey"
	"udml-gpu/engine/scaling/collectives"
	"udml-gpu/engine/setting"
	"udml-gpu/engine/train"
	"udml-gpu/kernels"
)

func doctorCommand(method string) *cli.Command {
	rows := settingsOf("network", "method", "training", "device", "precision")
	return &cli.Command{
		Name: "doctor", Usage: "show what this machine has and what of it is used",
		Flags: append([]cli.Flag{
			configFlag(), jsonFlag(), ranksFlag("look at each other"),
			&cli.StringFlag{
				Name: "out", Value: ".", EnvVars: env("out"),
				Usage: "with several ranks: the `FOLDER` that all have to see, or the nearest one above it that exists",
			},
			&cli.StringFlag{
				Name:  "memory",
				Usage: "say what training steps fit in `SIZE` of free memory, such as 24GiB, of a GPU that need not be here",
			},
		}, flagsOf(rows, method)...),
		OnUsageError: usageError,
		Action: func(c *cli.Context) error {
			cfg, err := configure(c, rows)
			if err != nil {
				return err
			}
			step := train.StepFindings
			if c.IsSet("memory") {
				free, err := setting.ParseBytes(c.String("memory"))
				if err != nil || free == 0 {
					return setting.Usage("--memory %q is no size of memory: expected something like 24GiB", c.String("memory"))
				}
				step = train.FindingsIn(free)
			}
			var alone error // what is wrong with this machine
			_, err = onRanks(c, func(r *ranks.Ranks) (failed error) {
				alone, failed = examine(c, cfg, step, r)
				return failed
			})
			if err == nil {
				err = alone
			}
			return err
		},
	}
}

// stepFindings says what memory training steps take.
type stepFindings = func(setting.Config, *kernels.Device) ([]machine.Finding, error)

// examine prints what this machine has and, where there are several ranks, what they see of each other, on rank 0. problem is what is wrong
// with the machine, err what has kept the ranks from looking.
func examine(c *cli.Context, cfg setting.Config, step stepFindings, r *ranks.Ranks) (problem, err error) {
	var seen *survey.Survey
	if r != nil {
		if seen, err = survey.Of(r, r.Hosts(), cfg.Device, c.String("out")); err != nil {
			return nil, err
		}
		seen.Launcher, seen.Why = r.World.Launcher, launch.Why(os.Getenv)
	}
	if !r.Leads() {
		return nil, nil
	}
	findings, problem := machine.Doctor(cfg, step)
	if findings == nil {
		return problem, nil
	}
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	for _, f := range findings {
		fmt.Fprintf(w, "%s\t%s\t%s\n", f.Name, f.Value, f.Note)
	}
	w.Flush()
	if seen == nil {
		return problem, printResultOr(c, findings, b.String())
	}
	b.WriteString(surveyText(seen))
	return problem, printResultOr(c, map[string]any{"machine": findings, "ranks": seen}, b.String())
}

// surveyText is a table of the ranks, and what lies between them.
func surveyText(s *survey.Survey) string {
	var b strings.Builder
	fmt.Fprintf(&b, "\n%d ranks, started by %s (%s); all have to see %s\n", len(s.Ranks), s.Launcher, s.Why, s.Folder)
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "rank\thost\tprocess\tdevice\tcores\tNUMA\t/dev/shm\tmemlock\tfolder\tclock")
	for _, r := range s.Ranks {
		folder, lock := "seen", "no limit"
		if !r.SeesFolder {
			folder = "NOT SEEN"
		}
		if r.MemLock >= 0 {
			lock = fmt.Sprintf("%d KiB", r.MemLock>>10)
		}
		fmt.Fprintf(w, "%d\t%s\t%d\t%s\t%d\t%s\t%d MiB\t%s\t%s\t%+.3f ms\n", r.Rank, r.Host, r.PID, strings.TrimSpace(r.Device+" "+r.UUID),
			r.Cores, strings.Trim(fmt.Sprint(r.NUMA), "[]"), r.SharedMemory>>20, lock, folder, 1e3*r.ClockSkew)
	}
	w.Flush()
	fmt.Fprintf(&b, "clocks are compared to %.3f ms\n", 1e3*s.ClockError)
	b.WriteString(linkText("within a host", s.WithinHost) + linkText("between hosts", s.BetweenHosts))
	for _, warning := range s.Warnings {
		b.WriteString("warning: " + warning + "\n")
	}
	return b.String()
}

// linkText is a line on a link; "" where there is none.
func linkText(name string, l *collectives.Link) string {
	if l == nil {
		return ""
	}
	return fmt.Sprintf("a gather %s: %.1f us for 8 bytes, %.0f MB/s of 4 MiB of each rank\n", name, 1e6*l.Latency, l.BytesPerSecond/1e6)
}
