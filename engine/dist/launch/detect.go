// Package launch says which rank of a run this process is, from what its launcher has put into the environment, and starts the ranks of a
// run on this machine where there is no launcher.
package launch

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"

	"udml-gpu/engine/setting"
)

// World is the place of this process in its run.
type World struct {
	Rank, Size int
	// LocalRank is the number among the LocalSize ranks on this machine; LocalSize is 0 where the launcher does not say it.
	LocalRank, LocalSize int
	Launcher             string // for messages; "none" if there is none
	Master               string // host:port of rank 0; "" where the launcher does not say it. With ":port" rank 0 is this process
	Token                string // what all ranks know; UDML_TOKEN or, which keeps out mistakes but no attacker, the name of the job
	MPI                  bool   // an MPI launcher has started it
}

// The names of launchers, as World has them.
const (
	None        = "none"
	Own         = "udml-gpu --ranks"
	OpenMPI     = "mpirun (Open MPI)"
	MPICH       = "MPICH's mpiexec (PMI)"
	Slurm       = "srun"
	Torchrun    = "torchrun"
	Environment = "RANK and WORLD_SIZE"
	Kubeflow    = "Kubeflow PyTorchJob / TrainJob (PET)"
	IndexedJob  = "Indexed Job"
)

// found is what one launcher says.
type found struct {
	World
	rank, size string // the names of the variables
	nodes      bool   // it has started another launcher, which has started this process
}

// Detect finds out by the environment which rank this process is. Launchers are asked in a fixed order; a rank of 1 is alone, and so is a
// batch script of Slurm, which has SLURM_PROCID too. A rank without a size, a rank that is not below it, and two launchers that disagree
// are UsageErrors that name the variables.
func Detect(getenv func(string) string) (World, error) {
	f, err := detect(getenv)
	return f.World, err
}

// Why are the variables by which Detect has found its launcher, with their values; "" where it has found none.
func Why(getenv func(string) string) string {
	f, err := detect(getenv)
	if err != nil || f.rank == "" {
		return ""
	}
	return fmt.Sprintf("%s=%s, %s=%s", f.rank, getenv(f.rank), f.size, getenv(f.size))
}

func detect(getenv func(string) string) (found, error) {
	e := environment(getenv)
	var all []found
	for _, ask := range []func(environment) (found, error){own, openMPI, pmi, slurm, worldSize, pet, indexedJob} {
		f, err := ask(e)
		if err != nil {
			return found{}, err
		}
		if f.Size > 1 {
			all = append(all, f)
		}
	}
	at := slices.IndexFunc(all, func(f found) bool { return !f.nodes })
	if at < 0 {
		return found{World: World{Size: 1, LocalSize: 1, Launcher: None}}, nil
	}
	first := all[at]
	for _, other := range all {
		if contradict(first, other) {
			return found{}, setting.Usage("%s=%s of %s=%s and %s=%s of %s=%s contradict each other: unset those of %s or of %s",
				first.rank, e(first.rank), first.size, e(first.size), other.rank, e(other.rank), other.size, e(other.size),
				first.Launcher, other.Launcher)
		}
	}
	first.Master = cmp.Or(e("UDML_MASTER"), first.Master)
	first.Token = cmp.Or(e("UDML_TOKEN"), first.Token)
	return first, nil
}

// contradict says whether two launchers cannot both be right.
func contradict(a, b found) bool {
	return !a.nodes && !b.nodes && (a.Rank != b.Rank || a.Size != b.Size)
}

// environment is os.Getenv or one that tests make.
type environment func(string) string

// number is a variable that has to be a whole number of at least 0; ok is false where it is not set.
func (e environment) number(name string) (n int, ok bool, err error) {
	text := e(name)
	if text == "" {
		return 0, false, nil
	}
	n, err = strconv.Atoi(text)
	if err != nil || n < 0 || n > 1<<30 {
		return 0, false, setting.Usage("%s=%q is not a whole number of at least 0", name, text)
	}
	return n, true, nil
}

// pair reads a rank and a size, which go together. Without a rank nothing is found.
func (e environment) pair(launcher, rank, size string) (found, error) {
	f := found{rank: rank, size: size}
	n, ok, err := e.number(rank)
	if err != nil || !ok {
		return f, err
	}
	f.World = World{Rank: n, Launcher: launcher}
	if f.Size, ok, err = e.number(size); err != nil {
		return f, err
	}
	switch {
	case !ok:
		return f, setting.Usage("%s=%s is set, but %s is not: %s sets both", rank, e(rank), size, launcher)
	case f.Rank >= f.Size:
		return f, setting.Usage("%s=%s cannot be with %s=%s: ranks are numbered from 0", rank, e(rank), size, e(size))
	}
	return f, nil
}

// local reads the number among the ranks of this machine, where the launcher says it.
func (f *found) local(e environment, rank, size string) error {
	if f.Size < 1 {
		return nil
	}
	var err error
	if f.LocalRank, _, err = e.number(rank); err != nil {
		return err
	}
	if f.LocalSize, _, err = e.number(size); err != nil {
		return err
	}
	if f.LocalSize > 0 && f.LocalRank >= f.LocalSize {
		return setting.Usage("%s=%s cannot be with %s=%s: ranks of a machine are numbered from 0", rank, e(rank), size, e(size))
	}
	return nil
}

// address is host:port from two variables.
func (e environment) address(host, port string, add int) (string, error) {
	n, ok, err := e.number(port)
	if err != nil || !ok || e(host) == "" {
		return "", err
	}
	if n += add; n > 65535 {
		n -= 2 * add
	}
	if n < 1 || n > 65535 {
		return "", setting.Usage("%s=%s is not a port", port, e(port))
	}
	return fmt.Sprintf("%s:%d", bracketed(e(host)), n), nil
}
