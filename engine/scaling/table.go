package scaling

import (
	"fmt"
	"slices"
	"strings"
)

// example is a network with its speed on one H100 in bf16, at 224 px, as other programs reach it. It is assumed, not measured here.
func example(network string, parameters, rows, norms, channels float64) Input {
	return Input{
		Network: network, Parameters: parameters, RowsPerSecond: rows, RowsPerImage: 2, BatchNorms: norms, MapSize: 7 * 7 * channels,
		GatherWidth: channels, Clusters: 32, Reconstruction: true,
		Hosts: 1, GPUs: 8, NICs: 1, NVLinkBytes: 300e9, NICBytes: 0.85 * 400e9 / 8,
		HostLatency: 14e-6, NetLatency: 16e-6, TreeLatency: 4e-6, Message: 3e-6,
	}
}

// Examples are the built-in networks on hosts of 8 H100 with NVLink and NICs of 400 Gb/s at 85 %: backbone, a head of 128 numbers and
// the decoder, trained by cbswr, which gathers pooled features.
func Examples() []Input {
	return []Input{
		example("ResNet-50", 23.5e6+0.26e6+2.46e6, 7000, 53, 2048),
		example("GoogLeNet", 5.6e6+0.13e6+1.28e6, 15000, 57, 1024),
	}
}

// Row is the prediction for one input.
type Row struct {
	Input
	Times
}

// Table is a list of predictions.
type Table struct {
	Note string `json:"note"`
	Rows []Row  `json:"rows"`
}

// note is part of every table.
const note = "a model, not a measurement: computed from assumed speeds of GPUs and networks"

// cluster is a number of hosts with NICs.
type cluster struct{ hosts, nics float64 }

// What the table is about where its caller does not say.
var (
	usualClusters = []cluster{{1, 1}, {2, 1}, {2, 8}, {8, 1}, {8, 8}, {64, 1}, {64, 8}}
	usualImages   = []float64{64, 256}
)

// EmbeddingWidth is what is gathered where ranks exchange embeddings, which train does not: it gathers pooled features.
const EmbeddingWidth = 128

// Predictions computes the examples on usual clusters with 64 and 256 images a GPU, each with batch norm over all ranks and without, for
// a gather of embeddings and one of pooled features. settings, KEY=VALUE, take the place of an example's inputs: network chooses one of
// them; images, hosts or nics (else 1), gather_width and sync_batch_norm what there are rows for.
func Predictions(settings []string) (Table, error) {
	networks, given, err := chosen(settings)
	if err != nil {
		return Table{}, err
	}
	t := Table{Note: note}
	for _, in := range networks {
		for _, row := range variants(in, given) {
			if err := row.Check(); err != nil {
				return Table{}, err
			}
			t.Rows = append(t.Rows, Row{row, row.Predict()})
		}
	}
	return t, nil
}

// variants are the rows of one network, in the table's order.
func variants(in Input, given map[string]bool) []Input {
	var list []Input
	for _, width := range usualUnless(given["gather_width"], []float64{EmbeddingWidth, in.GatherWidth}, in.GatherWidth) {
		for _, images := range usualUnless(given["images"], usualImages, in.Images) {
			for _, c := range usualUnless(given["hosts"] || given["nics"], usualClusters, cluster{in.Hosts, in.NICs}) {
				for _, sync := range usualUnless(given["sync_batch_norm"], []bool{true, false}, in.SyncNorm) {
					row := in
					row.GatherWidth, row.Images, row.Hosts, row.NICs, row.SyncNorm = width, images, c.hosts, c.nics, sync
					list = append(list, row)
				}
			}
		}
	}
	return list
}

func usualUnless[T any](given bool, usual []T, own T) []T {
	if given {
		return []T{own}
	}
	return usual
}

// chosen are the examples with those settings, and which settings there are.
func chosen(settings []string) (networks []Input, given map[string]bool, err error) {
	networks, given = Examples(), map[string]bool{}
	for _, s := range settings {
		key, value, ok := strings.Cut(s, "=")
		if !ok {
			return nil, nil, fmt.Errorf("%q is not KEY=VALUE", s)
		}
		given[key] = true
		if key == "network" {
			networks = slices.DeleteFunc(networks, func(in Input) bool { return in.Network != value })
			if len(networks) == 0 {
				return nil, nil, fmt.Errorf("network=%s is not known: expected %s", value, exampleNames())
			}
			continue
		}
		for i := range networks {
			if err := networks[i].Set(key, value); err != nil {
				return nil, nil, err
			}
		}
	}
	return networks, given, nil
}

func exampleNames() string {
	var list []string
	for _, in := range Examples() {
		list = append(list, in.Network)
	}
	return strings.Join(list, " or ")
}
