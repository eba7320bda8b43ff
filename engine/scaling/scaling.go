// Package scaling predicts how fast training goes on several GPUs and hosts. It is arithmetic on paper, from speeds that are put in: it
// measures nothing. Package collectives measures some of what it needs.
//
// A step of n = hosts x GPUs ranks, with B images and R = B x rows an image in each, takes
//
//	compute     R / (rows a second of one GPU); two thirds of it are the backward pass
//	gradients   G = parameters x 4 bytes, 2 with bf16 transport. Summed in two levels, each a reduce-scatter and an all-gather: within a
//	            host of L GPUs 2 G (L-1)/L / NVLink, then of each GPU's part with its H-1 peers on other hosts
//	            2 (G/L) (H-1)/H / (NICs x NIC / L) + 2 (H-1) x message
//	exposed     max(0, gradients - 0.8 backward) + 0.05 gradients: the backward pass hides the rest, but the last bucket cannot hide
//	small       what a small gather takes: the latency in a host, and over hosts + network + tree x log2 H
//	head        the gather of R rows of F floats from n-1 ranks, 4 R F (n-1) / NVLink, and over hosts the same again / (NICs x NIC), as if
//	            all of it came over the network; with a reconstruction the sums of min(K, n B) maps of 4 bytes a value, forward and
//	            backward, each reduced as gradients are; and 4 small gathers, or 8 with a reconstruction
//	sync        2 small gathers a batch norm, where its statistics span the ranks
//	step        compute + exposed + head + sync; of one rank compute alone
//	efficiency  compute / step
package scaling

import (
	"fmt"
	"math"
)

// Input is what a prediction is computed from: a network on one GPU, the machines, and how training is set. Its JSON names are those
// that Set knows.
type Input struct {
	Network        string  `json:"network"`
	Parameters     float64 `json:"parameters"`      // that are trained, the decoder's included
	RowsPerSecond  float64 `json:"rows_per_second"` // of a training step on one GPU alone; a row is one view of an image
	RowsPerImage   float64 `json:"rows_per_image"`
	BatchNorms     float64 `json:"batch_norms"`     // of the backbone
	MapSize        float64 `json:"map_size"`        // values of the feature map of one view: height x width x channels
	GatherWidth    float64 `json:"gather_width"`    // F: floats of a row that every rank needs of all others
	Clusters       float64 `json:"clusters"`        // K
	Reconstruction bool    `json:"reconstruction"`  // as cbswr has; cbs and others need no maps of others
	SyncNorm       bool    `json:"sync_batch_norm"` // statistics over all ranks; false: frozen, or of each rank alone
	BF16           bool    `json:"bf16_transport"`  // gradients travel in 2 bytes
	Images         float64 `json:"images"`          // B: of a batch, in each GPU

	Hosts       float64 `json:"hosts"`
	GPUs        float64 `json:"gpus"` // of a host
	NICs        float64 `json:"nics"` // of a host
	NVLinkBytes float64 `json:"nvlink_bytes_per_second"`
	NICBytes    float64 `json:"nic_bytes_per_second"`
	HostLatency float64 `json:"host_latency"`    // seconds of a small gather within a host, launch included
	NetLatency  float64 `json:"network_latency"` // what it takes longer over two hosts without the tree
	TreeLatency float64 `json:"tree_latency"`    // for each doubling of the hosts
	Message     float64 `json:"message_latency"` // for each host that gradients are exchanged with
}

// Times are the parts of a step, in seconds.
type Times struct {
	Compute         float64 `json:"compute_seconds"`
	Gradients       float64 `json:"gradients_seconds"` // most of it hidden behind the backward pass
	Exposed         float64 `json:"exposed_seconds"`   // of them
	Head            float64 `json:"head_seconds"`
	Sync            float64 `json:"sync_seconds"` // of batch norms
	Step            float64 `json:"step_seconds"`
	Efficiency      float64 `json:"efficiency"` // 1: as many times one GPU as there are GPUs
	ImagesPerSecond float64 `json:"images_per_second"`
}

// How the backward pass hides the gradients.
const (
	backwardShare = 2.0 / 3 // of compute
	hiding        = 0.8     // of the backward pass, the share during which gradients travel
	lastBucket    = 0.05    // of the gradients, what is left when the backward pass has ended
)

// Gathers of a step besides those of batch norms, each once forward and once backward: features and sums of pooled features, and with a
// reconstruction maps and the decoder's gradient.
const (
	headGathers           = 2
	reconstructionGathers = 4
	passes                = 2 // forward and backward
	floatBytes            = 4
)

// Predict computes the parts of a step. Inputs that Check refuses give meaningless numbers.
func (in Input) Predict() Times {
	ranks := in.Hosts * in.GPUs
	t := Times{Compute: in.rows() / in.RowsPerSecond}
	if ranks > 1 {
		t.Gradients = in.reduce(in.gradientBytes()) + in.messages()
		t.Exposed = max(0, t.Gradients-hiding*backwardShare*t.Compute) + lastBucket*t.Gradients
		t.Head = in.head()
		if in.SyncNorm {
			t.Sync = passes * in.BatchNorms * in.small()
		}
	}
	t.Step = t.Compute + t.Exposed + t.Head + t.Sync
	t.Efficiency = t.Compute / t.Step
	t.ImagesPerSecond = ranks * in.Images / t.Step
	return t
}

// rows is the number of rows of a batch in each GPU.
func (in Input) rows() float64 { return in.RowsPerImage * in.Images }

func (in Input) gradientBytes() float64 {
	if in.BF16 {
		return 2 * in.Parameters
	}
	return floatBytes * in.Parameters
}

// network is the bytes a second of all NICs of a host.
func (in Input) network() float64 { return in.NICs * in.NICBytes }

// reduce is the time to sum so many bytes over all ranks and to give the sum to all.
func (in Input) reduce(bytes float64) float64 {
	t := 2 * bytes * (in.GPUs - 1) / in.GPUs / in.NVLinkBytes
	if in.Hosts > 1 {
		t += 2 * bytes / in.GPUs * (in.Hosts - 1) / in.Hosts / (in.network() / in.GPUs)
	}
	return t
}

// messages is what the exchange of gradients takes however few they are.
func (in Input) messages() float64 { return 2 * (in.Hosts - 1) * in.Message }

// small is the time of a gather of a few bytes.
func (in Input) small() float64 {
	if in.Hosts == 1 {
		return in.HostLatency
	}
	return in.HostLatency + in.NetLatency + in.TreeLatency*math.Log2(in.Hosts)
}

// head is the time for what the loss needs of other ranks.
func (in Input) head() float64 {
	ranks := in.Hosts * in.GPUs
	bytes := floatBytes * in.rows() * in.GatherWidth * (ranks - 1)
	t := bytes / in.NVLinkBytes
	if in.Hosts > 1 {
		t += bytes / in.network()
	}
	if !in.Reconstruction {
		return t + passes*headGathers*in.small()
	}
	maps := floatBytes * min(in.Clusters, ranks*in.Images) * in.MapSize
	return t + passes*in.reduce(maps) + passes*reconstructionGathers*in.small()
}

// Check says which number makes no sense.
func (in Input) Check() error {
	for _, n := range numbers {
		v := *n.at(&in)
		if !(v >= n.least) || math.IsInf(v, 0) {
			return fmt.Errorf("%s=%g is out of range: expected a number of at least %g", n.key, v, n.least)
		}
	}
	return nil
}
