package main

import (
	"fmt"
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

// gpusNamed are the numbers of the GPUs that a text names (all, how many, or a list of numbers), of a machine that has so many, or none for
// the reason that problem says.
func gpusNamed(text string, count int, problem string) ([]int, error) {
	fail := func(what string) ([]int, error) {
		return nil, &machine.DeviceError{Message: "--gpus " + text + ": " + what}
	}
	numbers, err := numbersIn(text)
	switch {
	case err != nil && text != "all":
		return nil, err
	case len(numbers) == 1 && numbers[0] == 0:
		return nil, wrongGPUs(text)
	case count == 0:
		return fail("no GPU can be used: " + problem)
	case text == "all":
		return upTo(count), nil
	case len(numbers) == 1 && numbers[0] > count:
		return fail(fmt.Sprintf("this machine has %d", count))
	case len(numbers) == 1:
		return upTo(numbers[0]), nil
	}
	if most := slices.Max(numbers); most >= count {
		return fail(fmt.Sprintf("there is no GPU number %d: this machine has %d, counted from 0", most, count))
	}
	return numbers, nil
}

// numbersIn are the different numbers from 0 on that commas separate.
func numbersIn(text string) (list []int, err error) {
	for word := range strings.SplitSeq(text, ",") {
		n, err := strconv.Atoi(word)
		if err != nil || n < 0 || slices.Contains(list, n) {
			return nil, wrongGPUs(text)
		}
		list = append(list, n)
	}
	return list, nil
}

func wrongGPUs(text string) error {
	return setting.Usage("--gpus %q is not known: expected all, how many GPUs, or numbers of GPUs separated by commas, from 0 on", text)
}

// upTo are the numbers below n.
func upTo(n int) (list []int) {
	for i := range n {
		list = append(list, i)
	}
	return list
}
