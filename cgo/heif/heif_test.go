package heif

import (
	"os"
	"strings"
	"testing"
)

// TestName logs the library found, so that the log of a machine that cannot read a file shows the reason.
func TestName(t *testing.T) {
	if Available() != (Name() != "") || Available() != (Problem() == "") {
		t.Fatalf("Available() = %v, Name() = %q, Problem() = %q", Available(), Name(), Problem())
	}
	t.Logf("libheif: %q %q, HEVC %v, AV1 %v", Name(), Problem(), Has(HEVC), Has(AV1))
}

// TestOff holds in every build.
func TestOff(t *testing.T) {
	t.Setenv(OffVariable, "1")
	if l := binding.Find(); l.File != "" || l.Problem == "" {
		t.Errorf("switched off, %+v", l)
	}
}

func TestWithout(t *testing.T) {
	if Available() {
		return
	}
	if _, err := Open([]byte("....ftypheic")); err == nil || err.Error() != Problem() || Has(HEVC) {
		t.Errorf("without the library: %v", err)
	}
}

func TestFile(t *testing.T) {
	if !Has(AV1) {
		t.Skipf("libheif: no decoder of AV1: %s", Problem())
	}
	b, err := os.ReadFile("../../testdata/images/heif/quarterfull.avif")
	if err != nil {
		t.Fatal(err)
	}
	for sampling, planes := range map[Sampling][3][2]int{
		Quarter: {{32, 24}, {16, 12}, {16, 12}}, Whole: {{32, 24}, {32, 24}, {32, 24}}, Together: {{32, 24}},
	} {
		f, err := Open(b)
		if err != nil {
			t.Fatal(err)
		}
		if w, h := f.Size(); w != 32 || h != 24 {
			t.Errorf("the size is %dx%d", w, h)
		}
		p, err := f.Decode(sampling)
		if err != nil {
			t.Fatalf("sampling %d: %v", sampling, err)
		}
		for i, want := range planes {
			got := p.Planes[i]
			if got.Width != want[0] || got.Height != want[1] || len(got.Pix) != got.Stride*got.Height || got.Pix != nil && got.Bits != 8 {
				t.Errorf("sampling %d, plane %d: %dx%d of %d bits, want %v", sampling, i, got.Width, got.Height, got.Bits, want)
			}
		}
		f.Close()
	}
}

func TestNoFile(t *testing.T) {
	if !Available() {
		t.Skip(Problem())
	}
	for _, text := range []string{
		"", "GIF89a", "\x00\x00\x00\x14ftypheic\x00\x00\x00\x00mif1", "\x00\x00\x00\x14ftypheic\x00\x00\x00\x00mif1\x7f\xff\xff\xffmeta",
	} {
		if f, err := Open([]byte(text)); err == nil || !strings.HasPrefix(err.Error(), "libheif: ") {
			t.Errorf("%q: %v, %v", text, f, err)
		}
	}
}
