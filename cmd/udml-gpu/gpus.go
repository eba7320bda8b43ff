package main

import (
	"slices"
	"strconv"
	"strings"

	"github.com/urfave/cli/v2"

	"udml-gpu/engine/dist/launch"
	"udml-gpu/engine/machine"
	"udml-gpu/engine/setting"
	"udml-gpu/kernels"
)

// chosenGPUs are the numbers of the GPUs that --gpus asks for, one for each rank. It makes --device cuda: a GPU that cannot be used is an
// error then.
func chosenGPUs(c *cli.Context, w launch.World) ([]int, error) {
	text, device := c.String("gpus"), c.String("device")
	switch {
	case c.IsSet("ranks"):
		return nil, setting.Usage("--gpus %s starts one process for each GPU: leave --ranks away", text)
	case device != "auto" && device != "cuda":
		return nil, setting.Usage("--gpus %s and --device %s contradict each other: leave one of them away", text, device)
	case w.Size > 1 && w.Launcher != launch.Own:
		return nil, setting.Usage("--gpus %s, but %s has started %d ranks, each of which takes the GPU of its number on its machine: "+
			"leave --gpus away", text, w.Launcher, w.Size)
	}
	list, err := gpusNamed(text, kernels.CUDACount(), kernels.DriverProblem())
	if err != nil {
		return nil, err
	}
	if w.Size > 1 && len(list) != w.Size {
		return nil, setting.Usage("--gpus %s is %d GPUs, but UDML_RANKS is %d: leave one of them away", text, len(list), w.Size)
	}
	return list, c.Set("device", "cuda")
}

// gpusNamed are the GPUs that a text names, of a machine that has so many, or none for the reason that problem says.
func gpusNamed(text string, count int, problem string) ([]int, error) {
	wrong := setting.Usage("--gpus %q is not known: expected all, a number of GPUs, or numbers of GPUs separated by commas, from 0 on",
		text)
	var list []int
	for word := range strings.SplitSeq(text, ",") {
		n, err := strconv.Atoi(word)
		if (err != nil || n < 0 || slices.Contains(list, n)) && text != "all" {
			return nil, wrong
		}
		list = append(list, n)
	}
	most := slices.Max(list) + 1
	switch {
	case text == "all":
		most = count
	case len(list) == 1:
		most--
		if most < 1 {
			return nil, wrong
		}
	}
	switch {
	case count == 0:
		return nil, &machine.DeviceError{Message: "--gpus " + text + ": no GPU can be used: " + problem}
	case most > count && len(list) > 1:
		return nil, &machine.DeviceError{Message: "--gpus " + text + ": there is no GPU number " + strconv.Itoa(most-1) +
			": this machine has " + strconv.Itoa(count) + ", counted from 0"}
	case most > count:
		return nil, &machine.DeviceError{Message: "--gpus " + text + ": this machine has " + strconv.Itoa(count)}
	case len(list) > 1:
		return list, nil
	}
	list = nil
	for n := range most {
		list = append(list, n)
	}
	return list, nil
}
