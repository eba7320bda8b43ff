package rawname

import (
	"testing"
	"unicode/utf8"
)

func TestText(t *testing.T) {
	for name, want := range map[string]string{
		"": "", "a/café 100%.jpg": "a/café 100%.jpg", "caf\xe9.jpg": "bytes:caf%E9.jpg", "100%\xff\xfeé": "bytes:100%25%FF%FEé",
		"bytes:a%41": "bytes:bytes:a%2541", "bytes:": "bytes:bytes:", "\xe2\x82": "bytes:%E2%82", "a\ufffd": "a\ufffd",
		"Bytes:\x80": "bytes:Bytes:%80",
	} {
		if got := Text(name); got != want {
			t.Errorf("%q is %q, want %q", name, got, want)
		}
		if got := Bytes(want); got != name {
			t.Errorf("%q stands for %q, want %q", want, got, name)
		}
	}
	for text, want := range map[string]string{"bytes:a%": "a%", "bytes:%4": "%4", "bytes:%zz%e9": "%zz%e9", "%E9": "%E9"} {
		if got := Bytes(text); got != want {
			t.Errorf("%q stands for %q, want %q", text, got, want)
		}
	}
}

// FuzzText: every name comes back from its text, which is UTF-8.
func FuzzText(f *testing.F) {
	f.Add("caf\xe9%41")
	f.Add("bytes:%")
	f.Fuzz(func(t *testing.T, name string) {
		text := Text(name)
		if !utf8.ValidString(text) || Bytes(text) != name {
			t.Fatalf("%q is %q, which stands for %q", name, text, Bytes(text))
		}
	})
}
