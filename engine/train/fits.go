package train

import (
	"fmt"

	"udml-gpu/engine/machine"
	"udml-gpu/engine/method"
	"udml-gpu/engine/network"
	"udml-gpu/engine/setting"
	"udml-gpu/kernels"
)

// CheckFits is a DeviceError if the device cannot hold a training step of c (resolved) on batches from that many images. It is
// checked before anything is allocated. The estimate is scaled from two small recordings and errs by some percent.
func CheckFits(c setting.Config, images int, dev *kernels.Device) error {
	free, where := machine.AvailableMemory(), ""
	if dev.CUDA() {
		free, _ = dev.MemoryInfo()
		where = " on " + dev.Name()
	}
	if free == 0 {
		return nil
	}
	batch := min(c.Batch, images)
	need, err := estimateStep(c, batch)
	if err != nil {
		return err
	}
	if need > float64(free) {
		return &machine.DeviceError{Message: fmt.Sprintf("--batch %d at --size %d needs about %.1f GiB for a step, and %.1f GiB are free"+
			"%s: lower --batch, --size or --clusters", batch, c.Size, need/(1<<30), float64(free)/(1<<30), where)}
	}
	return nil
}

// probeSide is the image size of the recordings that an estimate is made from: about 64 pixels, which the network accepts.
func probeSide(c setting.Config) int {
	const side = 64
	if net, err := c.Network(); err == nil && net.Step > 1 {
		return max(side/net.Step, 1) * net.Step
	}
	return side
}

// estimateStep is the memory of a step in bytes: the planned buffers, which grow with the pixels of the batch, the images of the
// step and of the loader's three slots, and the method's own layers (method.Sized).
func estimateStep(c setting.Config, batch int) (float64, error) {
	m, err := c.NewMethod()
	if err != nil {
		return 0, err
	}
	pixels := float64(batch) * viewPixels(m, c)
	fixed := 4 * 4 * pixels * float64(c.Channels)
	sized, ok := m.(method.Sized)
	if ok {
		fixed += sized.Bytes(batch, c.Dim)
		sized.Shrink() // for the recordings
	}
	if pixels < 1<<24 { // too small to fail, and not worth a recording
		return fixed, nil
	}
	small := c
	small.Size = probeSide(c)
	small.Resize = small.Size
	var planned [2]float64
	for i := range planned {
		small.Batch = i + 1
		n, err := plannedBytes(small, m)
		if err != nil {
			return 0, err
		}
		planned[i] = float64(n)
	}
	return fixed + (planned[1]-planned[0])/viewPixels(m, small)*pixels, nil
}

// viewPixels is the number of pixels in all views of one image.
func viewPixels(m method.Method, c setting.Config) float64 {
	n := 0.0
	for _, v := range viewsOf(m, c) {
		n += float64(v.Size) * float64(v.Size)
	}
	return n
}

// StepMemory is the planned memory of a training step of c, in bytes. The plan is the same on every device.
func StepMemory(c setting.Config) (int, error) {
	m, err := c.NewMethod()
	if err != nil {
		return 0, err
	}
	return plannedBytes(c, m)
}

// plannedBytes is the planned memory of a step of m on batches of c.Batch images.
func plannedBytes(c setting.Config, m method.Method) (int, error) {
	dev := kernels.CPU()
	defer dev.Close()
	l, err := newLearner(c, c.Batch, 0, network.New, m, dev)
	if err != nil {
		return 0, err
	}
	defer l.Free()
	return l.Network.Arena.Bytes(), nil
}

// FittingStepMemory is StepMemory, or an error where dev cannot hold the step.
func FittingStepMemory(c setting.Config, dev *kernels.Device) (int, error) {
	if err := CheckFits(c, c.Batch, dev); err != nil {
		return 0, err
	}
	return StepMemory(c)
}
