package setting

import (
	"strconv"
	"strings"

	"udml-gpu/kernels"
)

// checkDevice is an error for a --device or --precision that no machine can have.
func (c *Config) checkDevice() error {
	if _, err := kernels.ParsePrecision(c.Precision); err != nil {
		return Usage("--precision %v", err)
	}
	if c.Device == "auto" || c.Device == "cpu" {
		if c.Device == "cpu" && c.Precision == kernels.TF32.String() {
			return Usage("--precision tf32 needs a GPU: the CPU computes in fp32, and with bf16 rounds what a GPU would store in it")
		}
		return nil
	}
	if _, ok := c.GPUIndex(); !ok {
		return Usage("--device %q is not known: expected auto, cpu, cuda or cuda:N", c.Device)
	}
	return nil
}

// GPUIndex is the number of the GPU that --device names (cuda is cuda:0), and whether it names one.
func (c *Config) GPUIndex() (int, bool) {
	name, number, numbered := strings.Cut(c.Device, ":")
	if name != "cuda" {
		return 0, false
	}
	if !numbered {
		return 0, true
	}
	n, err := strconv.Atoi(number)
	return n, err == nil && n >= 0
}
