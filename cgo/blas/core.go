package blas

import (
	"fmt"
	"strings"

	"golang.org/x/sys/cpu"
)

// coreVariable tells OpenBLAS which kernels to use.
const coreVariable = "OPENBLAS_CORETYPE"

// betterCore is the name of OpenBLAS's kernels for this processor, "" when core, its own choice, is good enough. OpenBLAS
// goes by the processor's model: it takes one that is newer than itself for a Prescott, whose kernels have neither AVX nor
// FMA. OpenBLAS 0.3.21 on a Xeon of 2023 took 4.4 times as long for a training step of SqueezeNet.
func betterCore(core string) string {
	x := &cpu.X86
	switch {
	case core != "Prescott":
		return ""
	case x.HasAVX512F && x.HasAVX512BW && x.HasAVX512CD && x.HasAVX512DQ && x.HasAVX512VL:
		return "SkylakeX"
	case x.HasAVX2 && x.HasFMA:
		return "Haswell"
	}
	return ""
}

// deaf says that OpenBLAS does not use the kernels that it was asked to use, since it has none of that name; "" when it does. The library
// says so itself only where OPENBLAS_VERBOSE is set.
func deaf(asked, core string) string {
	if asked == "" || strings.EqualFold(asked, core) {
		return ""
	}
	return fmt.Sprintf("%s=%s: OpenBLAS has no kernels of that name for this processor, and uses %s", coreVariable, asked, core)
}
