package train

import (
	"context"

	"udml-gpu/engine/network"
)

// features are what the network makes of the splits. They are computed once for a version of it, and passed on: from the start of
// the embedding layer to the first evaluation, and from the last to the final whitening and back.
type features struct{ train, test network.Features }

// free gives them back: before steps change the network, so that none are held while it trains.
func (f *features) free() {
	f.train.Free()
	f.test.Free()
}

// see gives the features of the images that quality is measured on, and of the training images where those are wanted: they are
// the same where there is no test split. The trainer keeps them.
func (t *Trainer) see(ctx context.Context, wantTrain bool) (train, test *network.Features, err error) {
	train, test = &t.features.train, &t.features.test
	if t.test == t.train {
		test = train
	}
	if !wantTrain && test != train {
		train.Free()
	} else if err := t.Network.Renew(ctx, t.train, train); err != nil {
		return nil, nil, err
	}
	if test != train {
		err = t.Network.Renew(ctx, t.test, test)
	}
	return train, test, err
}
