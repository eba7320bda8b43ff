package engine

import (
	"fmt"
	"strings"
)

// DeviceError: the device that was asked for is not there, or its memory does not suffice; the program exits with code 5.
type DeviceError struct{ msg string }

// Error is the sentence for the user.
func (e *DeviceError) Error() string { return e.msg }

// checkDevice refuses devices that this build cannot use. auto is the CPU as long as there is nothing else.
func (c *Config) checkDevice() error {
	switch name, _, _ := strings.Cut(c.Device, ":"); name {
	case "auto", "cpu":
		return nil
	case "cuda":
		return &DeviceError{fmt.Sprintf("--device %s: this build has no CUDA backend; --device cpu or auto runs on the CPU", c.Device)}
	}
	return usage("--device %q is not known: expected auto, cpu or cuda", c.Device)
}
