package accord

import (
	"time"

	"udml-gpu/models/shard"
)

// beat is how often rank 0 is heard from in While. It is far below the time that ranks wait for one another.
var beat = 10 * time.Second

// working is the bit of rank 0 in While that has not come to its end.
const working = 1

// While has rank 0 do what may take longer than ranks wait for one another, such as sending files to a store. All ranks call it; the others
// hear from rank 0 every few seconds and wait as long as they do. It is the error of do on rank 0, and that of a rank that is gone
// elsewhere. Of a group of one, or nil, it is do.
func While(g *shard.Group, op string, do func() error) error {
	if g.Rank() > 0 {
		for g.Agree(op, 0) != 0 && g.Err() == nil {
		}
		return g.Err()
	}
	if g.Ranks() == 1 {
		return do()
	}
	done := make(chan error, 1)
	go func() { done <- do() }()
	tick := time.NewTicker(beat)
	defer tick.Stop()
	for {
		select {
		case err := <-done:
			g.Agree(op, 0) // what a rank is gone for by now is not an error of do
			return err
		case <-tick.C:
			g.Agree(op, working)
		}
	}
}
