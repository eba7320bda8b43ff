package engine

import "testing"

// BenchmarkStep is a training step of cbs on random images; profile it with -cpuprofile.
func BenchmarkStep(b *testing.B) {
	for _, c := range []struct {
		backbone       string
		size, channels int
	}{{"conv4", 32, 1}, {"squeezenet", 80, 3}} {
		b.Run(c.backbone, func(b *testing.B) {
			cfg := Defaults()
			cfg.Backbone, cfg.Size, cfg.Channels, cfg.Method = c.backbone, c.size, c.channels, "cbs"
			if err := cfg.Resolve(); err != nil {
				b.Fatal(err)
			}
			t, err := bare(cfg)
			if err != nil {
				b.Fatal(err)
			}
			defer t.closeBare()
			s := t.stepFor(cfg.Batch)
			noise(s.images, 1)
			t.learn(s)
			b.ResetTimer()
			for range b.N {
				t.learn(s)
			}
		})
	}
}
