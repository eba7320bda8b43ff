package inline

import (
	"bytes"
	"os"
	"strings"
	"time"

	"golang.org/x/sys/unix"
	"golang.org/x/term"
)

// answerWithin is how long a terminal is waited for; one on the other side of the world answers in time.
const answerWithin = 100 * time.Millisecond

// Detect finds the best protocol of the terminal that out is: None where it is none. getenv is os.Getenv. It asks the terminal behind
// in whether it has sixels only where the environment does not say more.
func Detect(in, out *os.File, getenv func(string) string) Protocol {
	name, program := getenv("TERM"), getenv("TERM_PROGRAM")
	switch {
	case !term.IsTerminal(int(out.Fd())) || name == "dumb" || name == "":
		return None
	case getenv("TMUX") != "" || strings.HasPrefix(name, "screen"): // they pass no pictures on unless told to
		return Blocks
	case getenv("KITTY_WINDOW_ID") != "" || strings.Contains(name, "kitty") || program == "ghostty":
		return Kitty
	case program == "iTerm.app" || program == "WezTerm":
		return ITerm2
	case hasSixels(attributes(in, out)):
		return Sixel
	}
	return Blocks
}

// attributes is the answer of the terminal to a request for its primary device attributes, as in "\x1b[?62;4;22c"; "" where none comes.
func attributes(in, out *os.File) string {
	fd := int(in.Fd())
	if !term.IsTerminal(fd) {
		return ""
	}
	state, err := term.MakeRaw(fd)
	if err != nil {
		return ""
	}
	defer func() { _ = term.Restore(fd, state) }()
	if _, err := out.WriteString("\x1b[c"); err != nil {
		return ""
	}
	var answer []byte
	for until := time.Now().Add(answerWithin); !bytes.HasSuffix(answer, []byte("c")); {
		left := time.Until(until)
		if left <= 0 || len(answer) > 256 {
			return ""
		}
		wait := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}
		if n, err := unix.Poll(wait, int(left.Milliseconds())+1); err != nil || n == 0 {
			continue
		}
		var b [64]byte
		n, err := unix.Read(fd, b[:])
		if err != nil || n == 0 {
			return ""
		}
		answer = append(answer, b[:n]...)
	}
	return string(answer)
}

// hasSixels tells whether an answer lists attribute 4.
func hasSixels(answer string) bool {
	_, list, ok := strings.Cut(answer, "\x1b[?")
	list, whole := strings.CutSuffix(list, "c")
	if !ok || !whole {
		return false
	}
	for i, a := range strings.Split(list, ";") {
		if i > 0 && a == "4" { // the first is the kind of terminal
			return true
		}
	}
	return false
}
