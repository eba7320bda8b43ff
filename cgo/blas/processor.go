//go:build cgo && !windows

package blas

// #include "processor.h"
import "C"

import "golang.org/x/sys/cpu"

// processor is the set of extensions that this processor, under this operating system, can execute.
func processor() features {
	x := &cpu.X86
	return features{
		"SSE3": x.HasSSE3, "SSSE3": x.HasSSSE3, "SSE4.1": x.HasSSE41, "SSE4.2": x.HasSSE42,
		"AVX": x.HasAVX, "AVX2": x.HasAVX2, "FMA3": x.HasFMA,
		"AVX512-F": x.HasAVX512F, "AVX512-CD": x.HasAVX512CD, "AVX512-BW": x.HasAVX512BW,
		"AVX512-DQ": x.HasAVX512DQ, "AVX512-VL": x.HasAVX512VL,
		"AVX512-BF16": x.HasAVX512BF16, "AMX-BF16": x.HasAMXTile && x.HasAMXBF16,
		"FMA4": C.udml_processor_fma4() != 0, "3DNow!": C.udml_processor_3dnow() != 0,
		"SVE": cpu.ARM64.HasSVE,
	}
}
