package machine

import (
	"fmt"
	"runtime"
	"strconv"
	"strings"

	"github.com/rs/zerolog"

	"udml-gpu/cgo/mpi"
	"udml-gpu/cgo/nccl"
	"udml-gpu/engine/data/picture"
	"udml-gpu/engine/setting"
	"udml-gpu/kernels"
	"udml-gpu/kernels/conv"
	"udml-gpu/kernels/depthwise"
	"udml-gpu/kernels/gemm"
)

// Finding is one line of the doctor's report: a part of this machine, what was found, and a remark.
type Finding struct {
	Name  string `json:"name"`
	Value string `json:"value"`
	Note  string `json:"note,omitempty"`
}

// Doctor reports what the machine has and what the program uses. step says what memory a training step of c (resolved) takes, or is an
// error that says why dev cannot hold it. If a setting of the environment makes every command fail, Doctor returns the findings together
// with the error of those commands.
func Doctor(c setting.Config, step func(c setting.Config, dev *kernels.Device) ([]Finding, error)) ([]Finding, error) {
	list := append(processorFindings(), mpiFinding(), driverFinding(), kernelsFinding())
	list = append(list, gpuFindings()...)
	list = append(list, ncclFinding())
	if err := gemm.BackendError(); err != nil {
		return list, setting.Usage("%v", err)
	}
	dev, err := Open(c, zerolog.Nop()) // no log: the findings already say why auto has no GPU
	if err != nil {
		return nil, err
	}
	defer dev.Close()
	list = append(list, deviceFindings(c, dev)...)
	found, err := step(c, dev)
	if err != nil {
		return nil, err
	}
	return append(list, found...), nil
}

// processorFindings are the processor and the libraries that compute and decode on it.
func processorFindings() []Finding {
	e := CurrentEnvironment(kernels.CPU())
	if gemm.BackendError() != nil {
		e.BLAS = "none" // every command stops at that error
	}
	return []Finding{
		{"go", runtime.Version(), ""},
		{"cpu", e.CPU, ""},
		{"cores", strconv.Itoa(runtime.GOMAXPROCS(0)), "all are used; results do not depend on how many (GOMAXPROCS limits them)"},
		{"blas", e.BLAS, blasNote()},
		{"conv", e.Conv, convNote()},
		{"jpeg", e.JPEG, jpegNote()},
		{"tiff", picture.TIFFDecoder(), tiffNote()},
		{"heif", picture.HEIFDecoder(), heifNote()},
	}
}

func blasNote() string {
	if err := gemm.BackendError(); err != nil {
		return "OpenBLAS cannot be used: " + err.Error()
	}
	if remark := gemm.BackendRemark(); remark != "" {
		return remark
	}
	if strings.HasSuffix(gemm.Backend(), "gonum") {
		return "pure Go: correct but slow; install OpenBLAS (Debian: libopenblas0) for several times the speed"
	}
	return "opened at run time"
}

func convNote() string {
	name, why := conv.Backend()
	if name == conv.OwnCode {
		return "convolutions in float32 are faster with oneDNN 3 (Debian 13, Ubuntu: libdnnl3; PyPI: onednn-cpu-gomp): " + why
	}
	return "opened at run time: " + why
}

func jpegNote() string {
	if problem := picture.JPEGProblem(); problem != "" {
		return "Go's decoder, at less than half the speed of libjpeg-turbo (Debian: libturbojpeg0): " + problem
	}
	return "opened at run time; the codes of ordinary files are first checked in Go, so that damage is found the same way without it"
}

func tiffNote() string {
	if problem := picture.TIFFProblem(); problem != "" {
		return "Go's decoders, which lack JPEG, YCbCr, Zstandard and some more; install libtiff (Debian: libtiff6) for those: " + problem
	}
	return "opened at run time; uncompressed files are read in Go"
}

func heifNote() string {
	if problem := picture.HEIFProblem(); problem != "" {
		return "HEIC and AVIF files are not read; install libheif (Debian: libheif1) for those: " + problem
	}
	if missing := picture.HEIFMissing(); missing != "" {
		return "opened at run time; " + missing
	}
	return "opened at run time, for HEIC and AVIF"
}

// mpiFinding opens the library, which begins nothing of MPI.
func mpiFinding() Finding {
	l, err := mpi.Open()
	if err != nil {
		return Finding{"mpi", "none", "only needed by processes that mpirun or srun starts: " + err.Error()}
	}
	return Finding{"mpi", l.Name, fmt.Sprintf("%s, MPI %d.%d, %v; %s names another file",
		l.File, l.Standard[0], l.Standard[1], l.ABI, mpi.FileVariable)}
}

// ncclFinding opens the library, which begins nothing.
func ncclFinding() Finding {
	if problem := nccl.Problem(); problem != "" {
		return Finding{"nccl", "none", "only needed by several processes on several GPUs, for speed (Debian, Ubuntu: libnccl2): " + problem}
	}
	return Finding{"nccl", "NCCL " + nccl.Version(), fmt.Sprintf("%s; %s names another file", nccl.File(), nccl.FileVariable)}
}

func driverFinding() Finding {
	version, file := kernels.Driver()
	if !kernels.CUDABuilt() {
		return Finding{"cuda driver", "not looked for", "this build has no CUDA backend: everything runs on the CPU; " +
			"make build with a C compiler and the CUDA headers makes one that has it"}
	}
	if version == "" {
		return Finding{"cuda driver", "none", kernels.DriverProblem()}
	}
	return Finding{"cuda driver", "CUDA " + version, file}
}

func kernelsFinding() Finding {
	if kernels.HasKernels() {
		return Finding{"cuda kernels", "in this program", "sources " + kernels.SourceHash()}
	}
	return Finding{"cuda kernels", "none", "this program was built without the CUDA compiler: make kernels, then make build"}
}

// gpuFindings are the GPUs that the driver shows, and whether each can be used.
func gpuFindings() []Finding {
	if kernels.CUDACount() == 0 {
		return []Finding{{"gpu", "none", ""}}
	}
	var list []Finding
	for i := range kernels.CUDACount() {
		info, err := kernels.FindCUDA(i)
		f := Finding{fmt.Sprintf("gpu cuda:%d", i), info.Name, ""}
		if err != nil {
			f.Note = "cannot be used: " + err.Error()
		} else {
			f.Note = fmt.Sprintf("compute capability %s, %.1f GiB, %d multiprocessors",
				info.Capability(), float64(info.Memory)/(1<<30), info.Multiprocessors)
			if info.Major > kernels.MachineCodeMajor {
				f.Note += "; the driver compiles the kernels at the first start, and keeps them in ~/.nv where it can write there"
			}
		}
		list = append(list, f)
	}
	return list
}

// deviceFindings are the device that --device selects and, of a GPU, its memory and the libraries for convolutions and
// products.
func deviceFindings(c setting.Config, dev *kernels.Device) []Finding {
	list := []Finding{{"device", dev.Name(), "of --device " + c.Device}}
	if !dev.CUDA() {
		return list
	}
	free, total := dev.MemoryInfo()
	convolution, whyConvolution := conv.BackendOf(dev)
	channelwise, whyChannelwise := depthwise.BackendOf(dev)
	product, whyProduct := gemm.BackendOf(dev)
	return append(list,
		Finding{"gpu memory", fmt.Sprintf("%.1f of %.1f GiB free", float64(free)/(1<<30), float64(total)/(1<<30)), ""},
		Finding{"precision", dev.Precision().String(), ""},
		Finding{"convolution", convolution, whyConvolution}, Finding{"depthwise", channelwise, whyChannelwise},
		Finding{"products", product, whyProduct})
}
