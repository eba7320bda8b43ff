package inference

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"github.com/rs/zerolog"

	"udml-gpu/engine/checkpoint"
	"udml-gpu/engine/machine"
	"udml-gpu/engine/network"
	"udml-gpu/engine/run"
	"udml-gpu/engine/setting"
	"udml-gpu/models/disk"
)

// Save writes the network, with the settings c, as a run directory at dir, which Open takes as Request.Run. What it replaces is replaced
// as a checkpoint is.
func (e *Embedder) Save(dir string, c setting.Config) error {
	b, err := e.network.Model()
	if err != nil {
		return err
	}
	if err := machine.Fault(e.device); err != nil { // bytes read from a broken device are not the model
		return err
	}
	if err := disk.MakeDir(dir); err != nil {
		return err
	}
	if err := run.At(dir).WriteConfig(c); err != nil {
		return err
	}
	return checkpoint.NewStore(disk.OS, dir).Save(checkpoint.At{}, map[string][]byte{network.ModelFile: b}, 1)
}

// Hash is a SHA-256, in hex, of all that decides the vector of an image: the weights, how images are prepared, pooling, mirror images, a
// second size and layer.
func (e *Embedder) Hash() (string, error) {
	b, err := e.network.Model()
	if err != nil {
		return "", err
	}
	h := sha256.New()
	h.Write(b)
	h.Write([]byte("\x00" + e.request.Config.Pipeline() + "\x00" + e.request.Config.Pool + "\x00" + e.request.Layer))
	if e.request.Config.MirrorAverage {
		h.Write([]byte("\x00mirror-average"))
	}
	if also := e.request.Config.AlsoSize; also != 0 {
		fmt.Fprintf(h, "\x00also-size %d", also)
	}
	if e.request.Config.AlsoMirrored {
		h.Write([]byte("\x00also-mirrored"))
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// TellConditions says under which conditions the network may be passed on.
func (e *Embedder) TellConditions(log zerolog.Logger) { e.network.TellConditions(log) }

// Licence is that of the weights that the network was made from, "" where nothing says it.
func (e *Embedder) Licence() string { return e.network.Licence }
