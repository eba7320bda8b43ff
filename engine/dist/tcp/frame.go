package tcp

import (
	"encoding/binary"
	"io"

	"udml-gpu/engine/dist"
)

// The kinds of frames. Data frames go over the data connection, all others over the control connection.
const (
	frameData    = 1 + iota
	frameTable   // the hosts and addresses of all ranks, from rank 0 at the start
	frameLeave   // this rank ends on purpose: exit code, reason
	frameGoodbye // this rank has finished
)

// header is in front of each frame: kind, three bytes 0, the number of the Exchange, and how many bytes follow.
type header struct {
	kind   byte
	seq    uint32
	length uint64
}

const headerSize = 16

func (h header) bytes() []byte {
	b := make([]byte, headerSize)
	b[0] = h.kind
	binary.LittleEndian.PutUint32(b[4:], h.seq)
	binary.LittleEndian.PutUint64(b[8:], h.length)
	return b
}

func parseHeader(b []byte) (header, error) {
	h := header{b[0], binary.LittleEndian.Uint32(b[4:]), binary.LittleEndian.Uint64(b[8:])}
	if h.kind < frameData || h.kind > frameGoodbye || b[1] != 0 || b[2] != 0 || b[3] != 0 {
		return h, errStranger
	}
	return h, nil
}

// message is a frame of the control connection as it is sent.
func message(kind byte, body []byte) []byte {
	return append(header{kind: kind, length: uint64(len(body))}.bytes(), body...)
}

// readMessage reads a frame of the control connection of at most so many bytes.
func readMessage(r io.Reader, most int) (kind byte, body []byte, err error) {
	b := make([]byte, headerSize)
	if _, err := io.ReadFull(r, b); err != nil {
		return 0, nil, err
	}
	h, err := parseHeader(b)
	if err != nil || h.kind == frameData || h.length > uint64(most) {
		return 0, nil, errStranger
	}
	body = make([]byte, h.length)
	_, err = io.ReadFull(r, body)
	return h.kind, body, err
}

// leaving is the body of frameLeave: who ends the run, with which exit code, and why. Ranks pass it on, since who has it first may be gone
// before the others have it.
func leaving(rank, code int, reason string) []byte {
	body := binary.LittleEndian.AppendUint32(nil, uint32(rank))
	return append(binary.LittleEndian.AppendUint32(body, uint32(code)&0xff), clean(reason, maxReason)...)
}

// maxLeaving is the most bytes that leaving gives.
const maxLeaving = 8 + maxReason

func (c *Carrier) parseLeaving(body []byte) (*dist.LeftError, error) {
	if len(body) < 8 || len(body) > maxLeaving {
		return nil, errStranger
	}
	rank, code := binary.LittleEndian.Uint32(body), binary.LittleEndian.Uint32(body[4:])
	if rank >= uint32(c.o.Size) || code > 255 {
		return nil, errStranger
	}
	return &dist.LeftError{Rank: int(rank), Host: c.hosts[rank], Code: int(code), Reason: clean(string(body[8:]), maxReason)}, nil
}

// place is what rank 0 tells everybody of a rank.
type place struct{ host, addr string }

// tableSize is the most bytes that the table of so many ranks takes.
func tableSize(ranks int) int { return ranks * 2 * (1 + maxName) }

func tableBytes(places []place) []byte {
	var out []byte
	for _, p := range places {
		out = appendName(appendName(out, p.host), p.addr)
	}
	return out
}

func parseTable(body []byte, ranks int) ([]place, error) {
	var places []place
	for range ranks {
		var p place
		var ok bool
		if p.host, body, ok = cutName(body); !ok {
			return nil, errStranger
		}
		if p.addr, body, ok = cutName(body); !ok {
			return nil, errStranger
		}
		places = append(places, p)
	}
	if len(body) > 0 {
		return nil, errStranger
	}
	return places, nil
}
