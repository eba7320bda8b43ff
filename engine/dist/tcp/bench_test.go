package tcp

import (
	"fmt"
	"testing"
)

// BenchmarkExchange is an exchange between two ranks, both ways at once.
func BenchmarkExchange(b *testing.B) {
	for _, size := range []int{8, 64 << 10, 1 << 20, 25 << 20} {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			carriers := started(b, group(b, 2))
			b.SetBytes(int64(size)) // that each rank gets
			b.ResetTimer()
			for _, err := range each(carriers, func(c *Carrier) error {
				to, from := make([][]byte, 2), make([][]byte, 2)
				to[1-c.Rank()], from[1-c.Rank()] = make([]byte, size), make([]byte, size)
				for range b.N {
					if err := c.Exchange("bench", to, from); err != nil {
						return err
					}
				}
				return nil
			}) {
				if err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
