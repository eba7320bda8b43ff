package pictures

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
	"sync"

	"udml-gpu/engine/collection"
	"udml-gpu/models/disk"
)

// packFile holds the thumbnails of a collection that were asked for: a head, then one record behind the other, each of a key, a length, a
// checksum and a JPEG file. It is only appended to, under a lock; a record that a killed process has cut off ends it, and is written over.
const (
	packFile   = "thumbs.pack"
	packHead   = "UDMLTHM1"
	keyBytes   = 16
	recordHead = keyBytes + 4 + 4
	maxThumb   = 1 << 20 // bytes of a thumbnail
)

// packKey is the first half of a SHA-256 of the image's content, its box and the side of the thumbnail.
type packKey [keyBytes]byte

func keyOf(it *collection.Item, side int) packKey {
	h := sha256.New()
	h.Write([]byte(it.SHA256))
	_ = binary.Write(h, binary.LittleEndian, []float64{it.Box.X, it.Box.Y, it.Box.W, it.Box.H}) // a hash returns no error
	_ = binary.Write(h, binary.LittleEndian, int64(side))
	return packKey(h.Sum(nil))
}

// pack is an opened pack.
type pack struct {
	mu   sync.Mutex
	file *os.File
	at   map[packKey]place
	end  int64 // of what was read
}

// place is where a JPEG file lies.
type place struct {
	offset int64
	size   uint32
	sum    uint32
}

// openPack opens the pack of the collection at path, and makes it where none is; nil where the folder cannot be written, or where what is
// there is no pack: thumbnails are then made each time.
func openPack(path string) *pack {
	f, err := disk.OpenOwn(filepath.Join(path, packFile))
	if err != nil {
		return nil
	}
	p := &pack{file: f, at: map[packKey]place{}}
	if err := p.begin(); err != nil {
		_ = f.Close()
		return nil
	}
	return p
}

// begin reads the head, or writes it into an empty file, and then the records.
func (p *pack) begin() error {
	info, err := p.file.Stat()
	if err != nil {
		return err
	}
	if info.Size() == 0 {
		if _, err := p.file.WriteAt([]byte(packHead), 0); err != nil {
			return err
		}
	}
	head := make([]byte, len(packHead))
	if _, err := p.file.ReadAt(head, 0); err != nil || string(head) != packHead {
		return errors.New("it is no pack of thumbnails")
	}
	p.end = int64(len(packHead))
	return p.read()
}

// read takes up the whole records behind what is known.
func (p *pack) read() error {
	info, err := p.file.Stat()
	if err != nil {
		return err
	}
	r := bufio.NewReaderSize(io.NewSectionReader(p.file, p.end, info.Size()-p.end), 1<<16)
	for {
		var head [recordHead]byte
		if _, err := io.ReadFull(r, head[:]); err != nil {
			return nil // the end, or a record that was cut off
		}
		size, sum := binary.LittleEndian.Uint32(head[keyBytes:]), binary.LittleEndian.Uint32(head[keyBytes+4:])
		offset := p.end + recordHead
		if size > maxThumb || offset+int64(size) > info.Size() {
			return nil
		}
		if _, err := r.Discard(int(size)); err != nil {
			return err
		}
		p.at[packKey(head[:keyBytes])] = place{offset, size, sum}
		p.end = offset + int64(size)
	}
}

// get is the JPEG file of a key; nil: there is none, or a damaged one.
func (p *pack) get(key packKey) []byte {
	p.mu.Lock()
	at, ok := p.at[key]
	p.mu.Unlock()
	if !ok {
		return nil
	}
	b := make([]byte, at.size)
	if _, err := p.file.ReadAt(b, at.offset); err != nil || crc32.ChecksumIEEE(b) != at.sum {
		return nil
	}
	return b
}

// put appends a JPEG file, behind what other processes have appended. A pack that cannot be written stays as it is: thumbnails are no
// data that could be lost.
func (p *pack) put(key packKey, jpeg []byte) {
	if len(jpeg) > maxThumb {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	unlock, err := disk.Locked(p.file)
	if err != nil {
		return
	}
	defer unlock()
	if p.read() != nil {
		return
	}
	var b bytes.Buffer
	b.Write(key[:])
	b.Write(binary.LittleEndian.AppendUint32(binary.LittleEndian.AppendUint32(nil, uint32(len(jpeg))), crc32.ChecksumIEEE(jpeg)))
	b.Write(jpeg)
	if _, err := p.file.WriteAt(b.Bytes(), p.end); err != nil {
		return
	}
	p.at[key] = place{p.end + recordHead, uint32(len(jpeg)), crc32.ChecksumIEEE(jpeg)}
	p.end += int64(b.Len())
}

func (p *pack) close() { _ = p.file.Close() }
