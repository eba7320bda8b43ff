package scaling

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// number is an input that Set can change.
type number struct {
	key   string
	least float64
	at    func(*Input) *float64
}

// tiny is the least of what is divided by.
const tiny = 1e-9

// numbers are the inputs that are numbers, by their names in JSON.
var numbers = []number{
	{"parameters", 0, func(in *Input) *float64 { return &in.Parameters }},
	{"rows_per_second", tiny, func(in *Input) *float64 { return &in.RowsPerSecond }},
	{"rows_per_image", 1, func(in *Input) *float64 { return &in.RowsPerImage }},
	{"batch_norms", 0, func(in *Input) *float64 { return &in.BatchNorms }},
	{"map_size", 0, func(in *Input) *float64 { return &in.MapSize }},
	{"gather_width", 0, func(in *Input) *float64 { return &in.GatherWidth }},
	{"clusters", 0, func(in *Input) *float64 { return &in.Clusters }},
	{"images", 1, func(in *Input) *float64 { return &in.Images }},
	{"hosts", 1, func(in *Input) *float64 { return &in.Hosts }},
	{"gpus", 1, func(in *Input) *float64 { return &in.GPUs }},
	{"nics", 1, func(in *Input) *float64 { return &in.NICs }},
	{"nvlink_bytes_per_second", tiny, func(in *Input) *float64 { return &in.NVLinkBytes }},
	{"nic_bytes_per_second", tiny, func(in *Input) *float64 { return &in.NICBytes }},
	{"host_latency", 0, func(in *Input) *float64 { return &in.HostLatency }},
	{"network_latency", 0, func(in *Input) *float64 { return &in.NetLatency }},
	{"tree_latency", 0, func(in *Input) *float64 { return &in.TreeLatency }},
	{"message_latency", 0, func(in *Input) *float64 { return &in.Message }},
}

// switches are the inputs that are true or false.
var switches = map[string]func(*Input) *bool{
	"reconstruction":  func(in *Input) *bool { return &in.Reconstruction },
	"sync_batch_norm": func(in *Input) *bool { return &in.SyncNorm },
	"bf16_transport":  func(in *Input) *bool { return &in.BF16 },
}

// Keys are the names that Set knows besides network.
func Keys() []string {
	var list []string
	for _, n := range numbers {
		list = append(list, n.key)
	}
	for key := range switches {
		list = append(list, key)
	}
	slices.Sort(list[len(numbers):])
	return list
}

// Set puts values in the place of an input's own: "rows_per_second=5200", "reconstruction=false".
func (in *Input) Set(key, value string) error {
	if at, ok := switches[key]; ok {
		v, err := strconv.ParseBool(value)
		if err != nil {
			return fmt.Errorf("%s=%s is not true or false", key, value)
		}
		*at(in) = v
		return nil
	}
	at := slices.IndexFunc(numbers, func(n number) bool { return n.key == key })
	if at < 0 {
		return fmt.Errorf("%q is not known: expected network, %s", key, strings.Join(Keys(), ", "))
	}
	v, err := strconv.ParseFloat(value, 64)
	if err != nil {
		return fmt.Errorf("%s=%s is not a number", key, value)
	}
	*numbers[at].at(in) = v
	return nil
}
