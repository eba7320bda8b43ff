package blas

import (
	"fmt"
	"slices"
	"strings"
)

// needs are the features of a processor that the code of OpenBLAS's kernels uses beyond those of every 64-bit processor of its kind, by
// the kernels' names in small letters. For x86 they were read off the machine code of OpenBLAS 0.3.21; SapphireRapids and those for ARM
// have the features that OpenBLAS itself checks before it uses them. Kernels that are not here run anywhere, or are not known.
var needs = map[string][]string{
	"prescott": {"SSE3"}, "barcelona": {"SSE3"},
	"core2": {"SSSE3"}, "atom": {"SSSE3"}, "nano": {"SSSE3"}, "bobcat": {"SSSE3"},
	"penryn": {"SSE4.1"}, "dunnington": {"SSE4.1"}, "nehalem": {"SSE4.2"},
	"opteron": {"3DNow!"}, "opteron_sse3": {"SSE3", "3DNow!"},
	"sandybridge": {"AVX"},
	"bulldozer":   {"AVX", "FMA4"}, "piledriver": {"AVX", "FMA3", "FMA4"},
	"steamroller": {"AVX", "FMA3", "FMA4"}, "excavator": {"AVX", "FMA3", "FMA4"},
	"haswell": {"AVX2", "FMA3"}, "zen": {"AVX2", "FMA3"},
	"skylakex": avx512, "cooperlake": slices.Concat(avx512, []string{"AVX512-BF16"}),
	"sapphirerapids": slices.Concat(avx512, []string{"AVX512-BF16", "AMX-BF16"}),
	"neoversev1":     {"SVE"}, "neoversen2": {"SVE"}, "armv8sve": {"SVE"}, "a64fx": {"SVE"}, "armv9sme": {"SVE", "SME"},
}

var avx512 = []string{"AVX2", "FMA3", "AVX512-F", "AVX512-CD", "AVX512-BW", "AVX512-DQ", "AVX512-VL"}

// features are the extensions that a processor can execute, under the names in needs.
type features map[string]bool

// lacks are the features that the kernels of that name need and the processor does not have; none when it can execute them.
func (f features) lacks(core string) []string {
	var list []string
	for _, feature := range needs[strings.ToLower(core)] {
		if !f[feature] {
			list = append(list, feature)
		}
	}
	return list
}

// newest is the name of the best kernels for the processor among those that every version of OpenBLAS in use has; "" when there are none.
func (f features) newest() string {
	for _, core := range []string{"SkylakeX", "Haswell", "Sandybridge", "Nehalem", "Prescott"} {
		if len(f.lacks(core)) == 0 {
			return core
		}
	}
	return ""
}

// A CoreError says that OpenBLAS was told, or has chosen, to use kernels that the processor cannot execute.
type CoreError struct {
	Core    string   // the kernels' name
	Lacks   []string // features that the processor does not have
	Instead string   // kernels that it can execute, "" when none are known
	Chosen  bool     // by OpenBLAS itself
}

// Error names the kernels, the features that they need, and the variable that chooses others.
func (e *CoreError) Error() string {
	instead := ""
	if e.Instead != "" {
		instead = ", or set it to " + e.Instead
	}
	what := fmt.Sprintf("needs %s, which this processor does not have", strings.Join(e.Lacks, ", "))
	if e.Chosen {
		return fmt.Sprintf("OpenBLAS uses its kernels %s, whose code %s: set %s=off to do without%s", e.Core, what, Variable,
			strings.Replace(instead, "set it to ", "set "+coreVariable+"=", 1))
	}
	return fmt.Sprintf("%s=%s makes OpenBLAS use kernels whose code %s: unset %s%s", coreVariable, e.Core, what, coreVariable, instead)
}
