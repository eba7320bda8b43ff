package turbojpeg

import (
	"os"
	"strings"
	"testing"

	"udml-gpu/cgo/library"
)

// TestName logs the library found, so that the log of a slow machine shows the reason.
func TestName(t *testing.T) {
	if Available() != (Name() != "") || Available() != (Problem() == "") {
		t.Fatalf("Available() = %v, Name() = %q, Problem() = %q", Available(), Name(), Problem())
	}
	t.Logf("libjpeg-turbo: %q %q", Name(), Problem())
}

func TestVersionOf(t *testing.T) {
	for text, want := range map[string]library.Version{
		"\x00libjpeg-turbo version 2.1.5 (build 20230203)\x00": {2, 1, 5}, "libjpeg-turbo version 3.0.90 (build 20240101)": {3, 0, 90},
		"libjpeg-turbo version 3.2": {3, 2, 0}, "libjpeg-turbo version ": {}, "libjpeg-turbo version two": {}, "libjpeg": {}, "": {},
		"libjpeg-turbo version 99999999999999999999.1": {},
	} {
		if got := versionOf([]byte(text)); got != want {
			t.Errorf("%q is version %v, want %v", text, got, want)
		}
	}
	if v := versionIn("no such file"); v != (library.Version{}) {
		t.Errorf("a file that is not there is version %v", v)
	}
}

// TestOff holds in every build.
func TestOff(t *testing.T) {
	t.Setenv(OffVariable, "1")
	if l := binding.Find(); l.File != "" || l.Problem == "" {
		t.Errorf("switched off, %+v", l)
	}
}

const file = "../../testdata/images/size4x4.jpg"

func TestDecode(t *testing.T) {
	if !Available() {
		if err := Decode(make([]byte, 64), []byte{0xff}, 4, 4, RGBA); err == nil || err.Error() != Problem() {
			t.Errorf("without the library: %v", err)
		}
		t.Skip(Problem())
	}
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	pix := make([]byte, 64)
	if err := Decode(pix, b, 4, 4, RGBA); err != nil {
		t.Fatal(err)
	}
	for i := 3; i < len(pix); i += 4 {
		if pix[i] != 255 {
			t.Fatalf("alpha of pixel %d is %d", i/4, pix[i])
		}
	}
	for what, c := range map[string]struct {
		bytes         int
		file          []byte
		width, height int
		format        Format
		says          string
	}{
		"another size":      {80, b, 5, 4, RGBA, "4x4 pixels"},
		"colours as grey":   {16, b, 4, 4, Grey, "4x4 pixels"},
		"no room":           {63, b, 4, 4, RGBA, "no pixels"},
		"no height":         {64, b, 4, 0, RGBA, "no pixels"},
		"no file":           {64, nil, 4, 4, RGBA, "no file"},
		"only a header":     {64, b[:len(b)-4], 4, 4, RGBA, "libjpeg-turbo: "},
		"nothing of a JPEG": {64, []byte("GIF89a"), 4, 4, RGBA, "libjpeg-turbo: "},
	} {
		if err := Decode(make([]byte, c.bytes), c.file, c.width, c.height, c.format); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", what, err)
		}
	}
}
