package bench

import (
	"errors"
	"fmt"

	"udml-gpu/engine/machine"
	"udml-gpu/engine/train"
	"udml-gpu/kernels"
)

// GraphBench compares a training step with the same step replayed as a CUDA graph. Replaying costs the host almost
// nothing, so the difference is time that the GPU waited for the host.
type GraphBench struct {
	Device      string  `json:"device"`
	Precision   string  `json:"precision"`
	GraphStep   float64 `json:"graph_seconds_per_step"` // median
	OfGraph     float64 `json:"of_graph"`               // median seconds of a step over median seconds of the graph
	DeviceBytes int64   `json:"device_bytes"`           // of arrays
	Launches    int     `json:"launches_per_step"`      // of kernels, copies and fills; a call of a library counts as one
}

// benchQueued times blocks of steps that are queued without waiting, in turns with blocks of steps launched as the graph that training
// launches.
func benchQueued(l *train.Learner, s *train.Step, steps int) (StepBench, error) {
	dev := l.Network.Device
	learn := func() { l.Learn(s) }
	dev.Sync()
	bytes := allocated(func() {
		for range steps {
			learn()
		}
	})
	dev.Sync()
	launches := kernels.CountAll(dev.Count(learn))
	l.Replay(true)
	learn()
	if yes, why := l.Replays(s); !yes {
		return StepBench{}, errors.Join(machine.Fault(dev), fmt.Errorf("the step cannot be captured as a CUDA graph: %s", why))
	}
	var queued, replayed []float64
	for range gpuBlocks {
		l.Replay(false)
		queued = append(queued, queuedSeconds(dev, 1, steps, learn)...)
		l.Replay(true)
		replayed = append(replayed, queuedSeconds(dev, 1, steps, learn)...)
	}
	if err := machine.Fault(dev); err != nil {
		return StepBench{}, err
	}
	step, replay := medianOf(queued), medianOf(replayed)
	return StepBench{
		SecondsPerStep: step, ImagesPerSecond: float64(len(l.Views())*l.Network.Config.Batch) / step, PeakRSSBytes: machine.PeakMemory(),
		AllocatedBytes: bytes / int64(steps), ArenaBytes: l.Network.Arena.Bytes(), Steps: steps, BLAS: machine.CurrentEnvironment(dev).BLAS,
		GraphBench: &GraphBench{dev.Info().Name, dev.Precision().String(), replay, step / replay, dev.LiveBytes(), launches},
	}, nil
}
