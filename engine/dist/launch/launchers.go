package launch

import (
	"cmp"
	"fmt"
	"hash/fnv"
	"net"
	"strings"

	"udml-gpu/engine/setting"
)

// own is the launcher of this package, and who sets its variables by hand. UDML_RANKS without UDML_RANK is the flag --ranks.
func own(e environment) (found, error) {
	f, err := e.pair(Own, "UDML_RANK", "UDML_RANKS")
	if err == nil {
		err = f.local(e, "UDML_LOCAL_RANK", "UDML_LOCAL_RANKS")
	}
	return f, err
}

// openMPI is mpirun of Open MPI 4 and 5. Within a job of Slurm its daemons are tasks of a step, whose variables the ranks inherit.
func openMPI(e environment) (found, error) {
	f, err := e.pair(OpenMPI, "OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE")
	if err == nil {
		err = f.local(e, "OMPI_COMM_WORLD_LOCAL_RANK", "OMPI_COMM_WORLD_LOCAL_SIZE")
	}
	f.MPI = f.Size > 1
	return f, err
}

// pmi is mpiexec of MPICH, Intel MPI and their relatives. PMIX_RANK has no variable for the size: beside it stand those of Open MPI, or of
// srun --mpi=pmix, which says the same as SLURM_PROCID.
func pmi(e environment) (found, error) {
	if e("PMIX_RANK") != "" && e("PMI_RANK") == "" {
		if e("OMPI_COMM_WORLD_RANK") == "" && e("SLURM_STEP_NUM_TASKS") == "" {
			return found{}, setting.Usage("PMIX_RANK=%s is set, but nothing says how many ranks there are: "+
				"set UDML_RANK and UDML_RANKS on all ranks", e("PMIX_RANK"))
		}
		return found{}, nil
	}
	f, err := e.pair(MPICH, "PMI_RANK", "PMI_SIZE")
	if err == nil {
		err = f.local(e, "MPI_LOCALRANKID", "MPI_LOCALNRANKS")
	}
	f.MPI = f.Size > 1
	if f.MPI && pmiOfStep(e) {
		f.Launcher = Slurm // srun --mpi=pmi2
		err = f.step(e)
	}
	return f, err
}

// slurm is srun. SLURM_PROCID and SLURM_NTASKS are also set in the batch script, where this process is alone; only a step has
// SLURM_STEP_NUM_TASKS.
func slurm(e environment) (found, error) {
	if e("SLURM_STEP_NUM_TASKS") == "" {
		return found{}, nil
	}
	f, err := e.pair(Slurm, "SLURM_PROCID", "SLURM_STEP_NUM_TASKS")
	if err != nil || f.Size < 2 {
		return f, err
	}
	f.nodes = e("OMPI_COMM_WORLD_RANK") != "" || e("PMI_RANK") != "" && !pmiOfStep(e) || e("UDML_RANK") != "" ||
		e("TORCHELASTIC_RUN_ID") != ""
	f.MPI = e("PMIX_RANK") != "" || e("PMI_RANK") != ""
	if f.nodes {
		return f, nil
	}
	return f, f.step(e)
}

// pmiOfStep says whether the rank of PMI is that of the step of Slurm.
func pmiOfStep(e environment) bool {
	return e("SLURM_PROCID") == e("PMI_RANK") && e("SLURM_STEP_NUM_TASKS") == e("PMI_SIZE")
}

// step fills in what the variables of a step of Slurm say. The port follows from job and step, so that two of them on one machine have two.
func (f *found) step(e environment) error {
	var err error
	if f.LocalRank, _, err = e.number("SLURM_LOCALID"); err != nil {
		return err
	}
	name := fmt.Sprintf("slurm job %s step %s", cmp.Or(e("SLURM_JOB_ID"), e("SLURM_JOBID")), cmp.Or(e("SLURM_STEP_ID"), e("SLURM_STEPID")))
	f.Token = name
	nodes := e("SLURM_STEP_NODELIST")
	if nodes == "" {
		return nil
	}
	host, err := firstHost(nodes)
	if err != nil {
		return setting.Usage("SLURM_STEP_NODELIST cannot be read (%v): set UDML_MASTER=HOST:PORT to the address of rank 0", err)
	}
	f.Master = fmt.Sprintf("%s:%d", host, portOf(name))
	return nil
}

// worldSize is torchrun, and whoever sets the variables that PyTorch reads. At MASTER_PORT of torchrun its own agent listens, so that the
// next port is taken.
func worldSize(e environment) (found, error) {
	f, err := e.pair(Environment, "RANK", "WORLD_SIZE")
	if err == nil {
		err = f.local(e, "LOCAL_RANK", "LOCAL_WORLD_SIZE")
	}
	if err != nil || f.Size < 2 {
		return f, err
	}
	add := 0
	if id := e("TORCHELASTIC_RUN_ID"); id != "" {
		f.Launcher = Torchrun
		f.Token = "torchrun " + id
		add = 1
	}
	if f.Master, err = e.address("MASTER_ADDR", "MASTER_PORT", add); err != nil {
		return f, err
	}
	host, port, err := net.SplitHostPort(f.Master)
	if err != nil {
		return f, nil // there is none
	}
	if f.Token == "" {
		f.Token = "port " + port
	}
	if f.Rank == 0 && f.Launcher == Environment && (host == "localhost" || host == "127.0.0.1") {
		f.Master = ":" + port // older operators of Kubeflow tell the pod of rank 0 this, and the others its name
	}
	return f, nil
}

// pet are the variables that Kubeflow sets for torchrun, of which there is one process on each node.
func pet(e environment) (found, error) {
	f, err := e.pair(Kubeflow, "PET_NODE_RANK", "PET_NNODES")
	if err != nil || f.Size < 2 {
		return f, err
	}
	if f.nodes = e("TORCHELASTIC_RUN_ID") != ""; f.nodes {
		return f, nil
	}
	switch per := e("PET_NPROC_PER_NODE"); per {
	case "", "1", "auto", "cpu", "gpu":
	default:
		return f, setting.Usage("PET_NPROC_PER_NODE=%s asks for several processes on each node, which udml-gpu does not start here: "+
			"set it to 1 (numProcPerNode), with more nodes", per)
	}
	f.LocalSize = 1
	f.Master, err = e.address("PET_MASTER_ADDR", "PET_MASTER_PORT", 0)
	f.Token = "pet " + f.Master
	return f, err
}

// indexedJob is a Job of Kubernetes, or a JobSet, with completionMode Indexed. The number of pods is not in the environment: without
// UDML_HOSTS, or UDML_RANKS and UDML_MASTER, each pod is a run of its own.
func indexedJob(e environment) (found, error) {
	size, master := "UDML_HOSTS", e("UDML_MASTER")
	if e(size) == "" && master != "" {
		size = "UDML_RANKS"
	}
	if e(size) == "" || e("UDML_RANK") != "" {
		return found{}, nil
	}
	f, err := e.pair(IndexedJob, "JOB_COMPLETION_INDEX", size)
	if err != nil || f.Size < 2 {
		return f, err
	}
	if master == "" {
		return f, setting.Usage("JOB_COMPLETION_INDEX=%s and %s=%s are set, but UDML_MASTER is not: set it to the address of the pod with "+
			"index 0, as in udml-0.udml:29400", e("JOB_COMPLETION_INDEX"), size, e(size))
	}
	f.LocalSize = 1
	f.Token = "indexed job " + master
	return f, nil
}

// maxNodeList bounds what is read of a list of hosts.
const maxNodeList = 1 << 20

// firstHost is the first host of a list in Slurm's notation: "gpu[03-05,9],n1" begins with gpu03, "r[1-2]n[5-6]" with r1n5.
func firstHost(list string) (string, error) {
	if len(list) > maxNodeList {
		return "", fmt.Errorf("it is longer than %d bytes", maxNodeList)
	}
	var host strings.Builder
	for rest := list; rest != "" && rest[0] != ','; {
		if rest[0] == '[' {
			numbers, after, ok := strings.Cut(rest[1:], "]")
			n := strings.IndexFunc(numbers+",", func(r rune) bool { return r < '0' || r > '9' })
			if !ok || n == 0 || n < len(numbers) && numbers[n] != '-' && numbers[n] != ',' {
				return "", fmt.Errorf("%q is not a list of numbers", clip(rest))
			}
			host.WriteString(numbers[:n])
			rest = after
			continue
		}
		if !strings.ContainsRune("-._", rune(rest[0])) && !alphanumeric(rest[0]) {
			return "", fmt.Errorf("%q does not begin with the name of a host", clip(rest))
		}
		host.WriteByte(rest[0])
		rest = rest[1:]
	}
	if host.Len() == 0 || host.Len() > 253 {
		return "", fmt.Errorf("%q does not begin with the name of a host", clip(list))
	}
	return host.String(), nil
}

func alphanumeric(b byte) bool {
	return '0' <= b && b <= '9' || 'a' <= b && b <= 'z' || 'A' <= b && b <= 'Z'
}

// clip is the beginning of a text for a message.
func clip(s string) string { return s[:min(len(s), 60)] }

// portOf is a port for a job of that name: below those that systems give to connections, 32768 on Linux.
func portOf(name string) int {
	h := fnv.New32a()
	_, _ = h.Write([]byte(name))
	return 15000 + int(h.Sum32()%15000)
}

// bracketed is a host as it stands before a port.
func bracketed(host string) string {
	if strings.Contains(host, ":") && !strings.HasPrefix(host, "[") {
		return "[" + host + "]"
	}
	return host
}
