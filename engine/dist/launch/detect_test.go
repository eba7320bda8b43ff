package launch

import (
	"errors"
	"strings"
	"testing"

	"udml-gpu/engine/setting"
)

// environ is getenv of "A=1 B=2".
func environ(text string) func(string) string {
	set := map[string]string{}
	for field := range strings.FieldsSeq(text) {
		name, value, _ := strings.Cut(field, "=")
		set[name] = value
	}
	return func(name string) string { return set[name] }
}

// The variables that launchers set, as far as they concern ranks.
const (
	batch = "SLURM_JOB_ID=77 SLURM_JOBID=77 SLURM_PROCID=0 SLURM_LOCALID=0 SLURM_NODEID=0 SLURM_NTASKS=2 SLURM_NPROCS=2 SLURM_NNODES=2 " +
		"SLURM_JOB_NODELIST=n[1-2] SLURM_TASKS_PER_NODE=1(x2) SLURM_SUBMIT_HOST=login "
	step = batch + "SLURM_PROCID=1 SLURM_NODEID=1 SLURM_STEP_ID=0 SLURM_STEPID=0 SLURM_STEP_NUM_TASKS=2 SLURM_STEP_NUM_NODES=2 " +
		"SLURM_STEP_NODELIST=n[1-2] SLURM_STEP_TASKS_PER_NODE=1(x2) SLURM_SRUN_COMM_PORT=41234 "
	ompi4 = "OMPI_COMM_WORLD_SIZE=4 OMPI_COMM_WORLD_RANK=3 OMPI_COMM_WORLD_LOCAL_SIZE=2 OMPI_COMM_WORLD_LOCAL_RANK=1 " +
		"OMPI_COMM_WORLD_NODE_RANK=1 OMPI_UNIVERSE_SIZE=4 PMIX_RANK=3 PMIX_NAMESPACE=123 "
	mpich = "PMI_RANK=1 PMI_SIZE=4 PMI_FD=8 MPI_LOCALRANKID=1 MPI_LOCALNRANKS=2 "
	torch = "RANK=5 WORLD_SIZE=8 LOCAL_RANK=1 LOCAL_WORLD_SIZE=4 GROUP_RANK=1 GROUP_WORLD_SIZE=2 ROLE_RANK=5 " +
		"ROLE_WORLD_SIZE=8 ROLE_NAME=default MASTER_ADDR=n1 MASTER_PORT=29500 TORCHELASTIC_RUN_ID=r1 " +
		"TORCHELASTIC_RESTART_COUNT=0 TORCHELASTIC_USE_AGENT_STORE=True "
	trainJob = "PET_NNODES=2 PET_NPROC_PER_NODE=auto PET_NODE_RANK=1 PET_MASTER_ADDR=job-node-0-0.job PET_MASTER_PORT=29400 " +
		"JOB_COMPLETION_INDEX=1 "
	pyTorchJob = "RANK=1 WORLD_SIZE=2 MASTER_ADDR=job-master-0 MASTER_PORT=23456 PET_NNODES=2 PET_NODE_RANK=1 PET_NPROC_PER_NODE=auto "
)

func TestDetect(t *testing.T) {
	alone := World{Size: 1, LocalSize: 1, Launcher: None}
	stepMaster := "n1:17119"
	for name, c := range map[string]struct {
		env  string
		want World
	}{
		"nothing": {"HOME=/", alone},
		"own launcher": {
			"UDML_RANK=1 UDML_RANKS=3 UDML_LOCAL_RANK=1 UDML_LOCAL_RANKS=3 UDML_MASTER=127.0.0.1:5 UDML_TOKEN=x",
			World{1, 3, 1, 3, Own, "127.0.0.1:5", "x", false},
		},
		"by hand": {
			"UDML_RANK=1 UDML_RANKS=2 UDML_MASTER=h:5 UDML_TOKEN=x",
			World{1, 2, 0, 0, Own, "h:5", "x", false},
		},
		"the flag --ranks": {"UDML_RANKS=4", alone},
		"own launcher within a step of one": {
			step + "SLURM_STEP_NUM_TASKS=1 SLURM_PROCID=0 UDML_RANK=1 UDML_RANKS=2",
			World{1, 2, 0, 0, Own, "", "", false},
		},
		"own launcher of one, within a step":   {step + "UDML_RANK=0 UDML_RANKS=1", alone},
		"mpirun of Open MPI 4":                 {ompi4, World{3, 4, 1, 2, OpenMPI, "", "", true}},
		"mpirun of Open MPI, master by hand":   {ompi4 + "UDML_MASTER=h:1 UDML_TOKEN=s", World{3, 4, 1, 2, OpenMPI, "h:1", "s", true}},
		"mpirun -np 1":                         {"OMPI_COMM_WORLD_SIZE=1 OMPI_COMM_WORLD_RANK=0 PMIX_RANK=0", alone},
		"mpirun in a batch script":             {batch + ompi4, World{3, 4, 1, 2, OpenMPI, "", "", true}},
		"mpirun whose daemons are a step":      {step + ompi4, World{3, 4, 1, 2, OpenMPI, "", "", true}},
		"mpiexec of MPICH":                     {mpich, World{1, 4, 1, 2, MPICH, "", "", true}},
		"mpiexec of MPICH, daemons are a step": {step + mpich, World{1, 4, 1, 2, MPICH, "", "", true}},
		"a batch script":                       {batch, alone},
		"srun":                                 {step, World{1, 2, 0, 0, Slurm, stepMaster, "slurm job 77 step 0", false}},
		"srun, one of several on a machine": {
			step + "SLURM_LOCALID=1",
			World{1, 2, 1, 0, Slurm, stepMaster, "slurm job 77 step 0", false},
		},
		"srun --mpi=pmix": {
			step + "PMIX_RANK=1 PMIX_NAMESPACE=slurm.pmix.77.0",
			World{1, 2, 0, 0, Slurm, stepMaster, "slurm job 77 step 0", true},
		},
		"srun --mpi=pmi2": {
			step + "PMI_RANK=1 PMI_SIZE=2 PMI_FD=9",
			World{1, 2, 0, 0, Slurm, stepMaster, "slurm job 77 step 0", true},
		},
		"srun -n 1":         {step + "SLURM_STEP_NUM_TASKS=1 SLURM_PROCID=0", alone},
		"srun, token given": {step + "UDML_TOKEN=s", World{1, 2, 0, 0, Slurm, stepMaster, "s", false}},
		"srun and the variables of PyTorch": {
			step + "RANK=1 WORLD_SIZE=2 MASTER_ADDR=n1 MASTER_PORT=29500",
			World{1, 2, 0, 0, Slurm, stepMaster, "slurm job 77 step 0", false},
		},
		"torchrun":                   {torch, World{5, 8, 1, 4, Torchrun, "n1:29501", "torchrun r1", false}},
		"torchrun within srun":       {step + torch, World{5, 8, 1, 4, Torchrun, "n1:29501", "torchrun r1", false}},
		"torchrun within a TrainJob": {trainJob + torch, World{5, 8, 1, 4, Torchrun, "n1:29501", "torchrun r1", false}},
		"torchrun at the last port": {
			torch + "MASTER_PORT=65535",
			World{5, 8, 1, 4, Torchrun, "n1:65534", "torchrun r1", false},
		},
		"PyTorchJob": {pyTorchJob, World{1, 2, 0, 0, Environment, "job-master-0:23456", "port 23456", false}},
		"PyTorchJob, rank 0": {
			"RANK=0 WORLD_SIZE=2 MASTER_ADDR=localhost MASTER_PORT=23456",
			World{0, 2, 0, 0, Environment, ":23456", "port 23456", false},
		},
		"an IPv6 address": {
			"RANK=1 WORLD_SIZE=2 MASTER_ADDR=fd00::1 MASTER_PORT=5",
			World{1, 2, 0, 0, Environment, "[fd00::1]:5", "port 5", false},
		},
		"TrainJob": {
			trainJob,
			World{1, 2, 0, 1, Kubeflow, "job-node-0-0.job:29400", "pet job-node-0-0.job:29400", false},
		},
		"TrainJob with one node": {trainJob + "PET_NNODES=1 PET_NODE_RANK=0", alone},
		"Indexed Job": {
			"JOB_COMPLETION_INDEX=2 UDML_RANKS=4 UDML_MASTER=udml-0.udml:29400",
			World{2, 4, 0, 1, IndexedJob, "udml-0.udml:29400", "indexed job udml-0.udml:29400", false},
		},
		"JobSet with UDML_HOSTS": {
			"JOB_COMPLETION_INDEX=2 UDML_HOSTS=4 UDML_MASTER=a:1 UDML_TOKEN=x",
			World{2, 4, 0, 1, IndexedJob, "a:1", "x", false},
		},
		"Indexed Job of single runs":         {"JOB_COMPLETION_INDEX=2", alone},
		"Indexed Job whose pods use --ranks": {"JOB_COMPLETION_INDEX=2 UDML_RANKS=4", alone},
	} {
		got, err := Detect(environ(c.env))
		if err != nil || got != c.want {
			t.Errorf("%s:\n got %+v, %v\nwant %+v", name, got, err, c.want)
		}
	}
}

func TestDetectRefuses(t *testing.T) {
	for env, want := range map[string]string{
		"OMPI_COMM_WORLD_RANK=1 OMPI_COMM_WORLD_SIZE=2 RANK=0 WORLD_SIZE=4": "" +
			"OMPI_COMM_WORLD_RANK=1 of OMPI_COMM_WORLD_SIZE=2 and RANK=0 of WORLD_SIZE=4",
		"UDML_RANK=1 UDML_RANKS=2 OMPI_COMM_WORLD_RANK=0 OMPI_COMM_WORLD_SIZE=2 PMIX_RANK=0": "" +
			"UDML_RANK=1 of UDML_RANKS=2 and OMPI_COMM_WORLD_RANK=0 of OMPI_COMM_WORLD_SIZE=2",
		step + "RANK=0 WORLD_SIZE=2":                       "SLURM_PROCID=1 of SLURM_STEP_NUM_TASKS=2 and RANK=0 of WORLD_SIZE=2",
		"RANK=1 WORLD_SIZE=2 PET_NODE_RANK=1 PET_NNODES=4": "RANK=1 of WORLD_SIZE=2 and PET_NODE_RANK=1 of PET_NNODES=4",
		"UDML_RANK=2 UDML_RANKS=2":                         "UDML_RANK=2 cannot be with UDML_RANKS=2",
		"UDML_RANK=0 UDML_RANKS=0":                         "UDML_RANK=0 cannot be with UDML_RANKS=0",
		"UDML_RANK=1":                                      "UDML_RANK=1 is set, but UDML_RANKS is not",
		"RANK=1":                                           "RANK=1 is set, but WORLD_SIZE is not",
		"PMIX_RANK=1":                                      "PMIX_RANK=1 is set, but nothing says how many",
		"UDML_RANK=one UDML_RANKS=2":                       `UDML_RANK="one" is not a whole number`,
		"UDML_RANK=-1 UDML_RANKS=2":                        `UDML_RANK="-1" is not a whole number`,
		"RANK=0 WORLD_SIZE=99999999999999999999":           `WORLD_SIZE="99999999999999999999" is not a whole`,
		"UDML_RANK=1 UDML_RANKS=2 UDML_LOCAL_RANK=2 UDML_LOCAL_RANKS=2": "UDML_LOCAL_RANK=2 cannot be with UDML_LOCAL_RANKS=2",
		"RANK=1 WORLD_SIZE=2 MASTER_ADDR=a MASTER_PORT=70000":           "MASTER_PORT=70000 is not a port",
		"PET_NODE_RANK=0 PET_NNODES=1:2":                                `PET_NNODES="1:2" is not a whole`,
		"PET_NODE_RANK=0 PET_NNODES=2 PET_NPROC_PER_NODE=4":             "PET_NPROC_PER_NODE=4 asks for several",
		"JOB_COMPLETION_INDEX=1 UDML_HOSTS=2":                           "UDML_HOSTS=2 are set, but UDML_MASTER is not",
		"JOB_COMPLETION_INDEX=4 UDML_HOSTS=2 UDML_MASTER=a:1":           "JOB_COMPLETION_INDEX=4 cannot be with UDML_HOSTS=2",
		step + "SLURM_STEP_NODELIST=n[":                                 "SLURM_STEP_NODELIST cannot be read",
	} {
		_, err := Detect(environ(env))
		if !errors.As(err, new(*setting.UsageError)) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s:\n got %v\nwant %s", env, err, want)
		}
	}
}

func TestFirstHost(t *testing.T) {
	for list, want := range map[string]string{
		"n1": "n1", "n1,n2": "n1", "gpu[03-05,9],n1": "gpu03", "r[1-2]n[5-6]": "r1n5", "a[7]": "a7", "a[7,9]b.c-d_e,x": "a7b.c-d_e",
		"n[001-100]": "n001",
		"":           "", ",n1": "", "n[": "", "n[]": "", "n[a]": "", "n[1": "", "n[[1]]": "", "n]": "", "n 1": "", "n[1:2]": "",
		"n;rm": "", "n\x00": "",
		strings.Repeat("a", 254): "", strings.Repeat("n[1]", 1<<19): "",
	} {
		got, err := firstHost(list)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%.80q: %q, %v; want %q", list, got, err, want)
		}
	}
}

func FuzzFirstHost(f *testing.F) {
	f.Add("gpu[03-05,9],n1")
	f.Fuzz(func(t *testing.T, list string) {
		host, err := firstHost(list)
		if (err == nil) != (host != "") || len(host) > 253 || strings.ContainsAny(host, "[],: \n") {
			t.Errorf("%q: %q, %v", list, host, err)
		}
	})
}
