package main

import (
	"fmt"
	"testing"
)

func TestGPUsNamed(t *testing.T) {
	for text, want := range map[string]string{
		"all": "[0 1 2 3] <nil>",
		"1":   "[0] <nil>",
		"3":   "[0 1 2] <nil>",
		"0,2": "[0 2] <nil>",
		"3,1": "[3 1] <nil>",
		"5":   "[] --gpus 5: this machine has 4",
		"0,4": "[] --gpus 0,4: there is no GPU number 4: this machine has 4, counted from 0",
	} {
		if got, err := gpusNamed(text, 4, ""); fmt.Sprint(got, " ", err) != want {
			t.Errorf("%s: %v %v, want %s", text, got, err, want)
		}
	}
	for _, text := range []string{"", "0", "-1", "1,1", "0,", "two", "all,1", "all,all"} {
		if list, err := gpusNamed(text, 4, ""); exitCode(err) != exitUsage {
			t.Errorf("%q: %v %v", text, list, err)
		}
	}
	_, err := gpusNamed("all", 0, "no driver")
	if exitCode(err) != exitMemory || err.Error() != "--gpus all: no GPU can be used: no driver" {
		t.Error(err)
	}
}
