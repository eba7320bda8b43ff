package blas

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

// made is a processor of a kind.
func made(names ...string) features {
	f := features{}
	for _, name := range names {
		f[name] = true
	}
	return f
}

// Common processors, and the extensions that they can execute.
var (
	core2Duo = made("SSE3", "SSSE3")
	ivy      = made("SSE3", "SSSE3", "SSE4.1", "SSE4.2", "AVX")
	haswell  = made("SSE3", "SSSE3", "SSE4.1", "SSE4.2", "AVX", "AVX2", "FMA3") // Zen 1 to 3 too
	xeon     = made(slices.Concat([]string{"SSE3", "SSSE3", "SSE4.1", "SSE4.2", "AVX"}, avx512)...)
	fx       = made("SSE3", "SSSE3", "SSE4.1", "SSE4.2", "AVX", "FMA3", "FMA4")
	phi      = made("SSE3", "SSSE3", "SSE4.1", "SSE4.2", "AVX", "AVX2", "FMA3", "AVX512-F", "AVX512-CD") // half of AVX-512
	graviton = made()
)

// TestLacks holds the table against processors of each kind.
func TestLacks(t *testing.T) {
	for _, c := range []struct {
		core string
		f    features
		want string
	}{
		{"SkylakeX", haswell, "AVX512-F AVX512-CD AVX512-BW AVX512-DQ AVX512-VL"},
		{"SkylakeX", phi, "AVX512-BW AVX512-DQ AVX512-VL"},
		{"SkylakeX", xeon, ""},
		{"Cooperlake", xeon, "AVX512-BF16"},
		{"COOPERLAKE", haswell, "AVX512-F AVX512-CD AVX512-BW AVX512-DQ AVX512-VL AVX512-BF16"},
		{"SapphireRapids", xeon, "AVX512-BF16 AMX-BF16"},
		{"haswell", haswell, ""},
		{"Haswell", ivy, "AVX2 FMA3"},
		{"Zen", ivy, "AVX2 FMA3"},
		{"Zen", fx, "AVX2"},
		{"Excavator", haswell, "FMA4"},
		{"Excavator", fx, ""},
		{"Bulldozer", xeon, "FMA4"},
		{"Opteron_SSE3", xeon, "3DNow!"},
		{"Sandybridge", core2Duo, "AVX"},
		{"Nehalem", core2Duo, "SSE4.2"},
		{"Prescott", core2Duo, ""},
		{"NeoverseV1", graviton, "SVE"},
		{"NEOVERSEN1", graviton, ""},
		{"Nonsense", haswell, ""},
		{"", core2Duo, ""},
	} {
		if got := strings.Join(c.f.lacks(c.core), " "); got != c.want {
			t.Errorf("%s lacks %q, want %q", c.core, got, c.want)
		}
	}
}

func TestNewest(t *testing.T) {
	for _, c := range []struct {
		f    features
		want string
	}{
		{xeon, "SkylakeX"},
		{phi, "Haswell"},
		{haswell, "Haswell"},
		{fx, "Sandybridge"},
		{ivy, "Sandybridge"},
		{core2Duo, "Prescott"},
		{graviton, ""},
	} {
		if got := c.f.newest(); got != c.want {
			t.Errorf("%v: %q, want %q", c.f, got, c.want)
		}
	}
}

// TestCoreError: one sentence that names the variable, the kernels, what is missing and what to set instead.
func TestCoreError(t *testing.T) {
	for _, c := range []struct {
		e    CoreError
		want string
	}{
		{
			CoreError{Core: "SkylakeX", Lacks: []string{"AVX512-F", "AVX512-BW"}, Instead: "Haswell"},
			"OPENBLAS_CORETYPE=SkylakeX makes OpenBLAS use kernels whose code needs AVX512-F, AVX512-BW, " +
				"which this processor does not have: unset OPENBLAS_CORETYPE, or set it to Haswell",
		},
		{
			CoreError{Core: "ZEN", Lacks: []string{"AVX2"}, Chosen: true},
			"OpenBLAS uses its kernels ZEN, whose code needs AVX2, which this processor does not have: set UDML_OPENBLAS=off to do without",
		},
		{
			CoreError{Core: "Zen", Lacks: []string{"AVX2"}, Chosen: true, Instead: "Sandybridge"},
			"OpenBLAS uses its kernels Zen, whose code needs AVX2, which this processor does not have: " +
				"set UDML_OPENBLAS=off to do without, or set OPENBLAS_CORETYPE=Sandybridge",
		},
	} {
		if got := c.e.Error(); got != c.want {
			t.Errorf("%s\ninstead of\n%s", got, c.want)
		}
	}
	if err := Refused(); err != nil && !errors.As(err, new(*CoreError)) {
		t.Errorf("refused by %T", err)
	}
}

func TestDeaf(t *testing.T) {
	if got := deaf("nonsense", "Haswell"); !strings.Contains(got, "OPENBLAS_CORETYPE=nonsense: OpenBLAS has no kernels of that name") ||
		!strings.HasSuffix(got, "uses Haswell") {
		t.Errorf("got %q", got)
	}
	if got := deaf("haswell", "Haswell") + deaf("", "Zen"); got != "" {
		t.Errorf("got %q", got)
	}
}
