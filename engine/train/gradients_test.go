package train

import (
	"fmt"
	"testing"
	"time"

	"udml-gpu/engine/network"
	"udml-gpu/engine/setting"
	"udml-gpu/kernels"
	"udml-gpu/models/shard"
	"udml-gpu/models/shard/shardtest"
)

// slow is a carrier over a network that moves so many bytes a second each way, 0: any number, and notes how long its exchanges took.
type slow struct {
	shard.Carrier
	rate float64
	took time.Duration
}

func (s *slow) Exchange(op string, to, from [][]byte) error {
	began, out, in := time.Now(), 0, 0
	for r := range to {
		out, in = out+len(to[r]), in+len(from[r])
	}
	if s.rate > 0 {
		time.Sleep(time.Duration(float64(max(out, in)) / s.rate * float64(time.Second)))
	}
	err := s.Carrier.Exchange(op, to, from)
	s.took += time.Since(began)
	return err
}

// BenchmarkLearnRanks is a step of two ranks in one process, with gradients that are added up at the end of the backward pass and during
// it, over memory and over a network of 1 Gb/s.
func BenchmarkLearnRanks(b *testing.B) {
	defer func(first, other int) { firstBucket, otherBucket = first, other }(firstBucket, otherBucket)
	for _, net := range []struct {
		backbone    string
		size, batch int
	}{{"conv4", 28, 64}, {"squeezenet", 96, 16}} {
		for name, rate := range map[string]float64{"memory": 0, "1Gbps": 125e6} {
			for _, first := range []int{1 << 30, 1 << 20} {
				firstBucket = first
				b.Run(fmt.Sprintf("%s/%s/overlapped=%v", net.backbone, name, first == 1<<20), func(b *testing.B) {
					c := setting.Defaults()
					c.Data, c.Device, c.Pretrained, c.Shards = "demo", "cpu", "false", 2
					c.Backbone, c.Size, c.Batch = net.backbone, net.size, net.batch
					if err := c.Resolve(); err != nil {
						b.Fatal(err)
					}
					shardtest.Run(b, 2, func(carrier shard.Carrier) { learnOften(b, c, &slow{Carrier: carrier, rate: rate}) })
				})
			}
		}
	}
}

// learnOften takes steps on random images as one of the ranks.
func learnOften(b *testing.B, c setting.Config, carrier *slow) {
	m, err := c.NewMethod()
	if err != nil {
		b.Error(err)
		return
	}
	l, err := newLearner(c, c.Batch, c.Batch, true, network.New, m, shard.New(2, carrier), kernels.CPU())
	if err != nil {
		b.Error(err)
		return
	}
	defer l.Free()
	s := l.StepFor(c.Batch)
	randomImages(s.Images[0], 1)
	l.Learn(s) // the first finds its memory
	carrier.took = 0
	began := time.Now()
	for range b.N {
		l.Learn(s)
	}
	if carrier.Rank() == 0 {
		b.ReportMetric(float64(time.Since(began).Milliseconds())/float64(b.N), "ms/step")
		b.ReportMetric(float64(carrier.took.Microseconds())/1e3/float64(b.N), "ms-exchanging/step")
	}
}
