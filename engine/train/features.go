package train

import (
	"context"

	"udml-gpu/engine/network"
)

// features are the network's features of both splits. They are computed once for each version of the network and used again: by the
// first evaluation after the embedding layer was initialised, and by the final whitening after the last evaluation, and back. Those of a
// frozen backbone are kept through training: each image goes through it once, and then through the layers behind it.
type features struct{ train, test network.Features }

// free frees them.
func (f *features) free() {
	f.train.Free()
	f.test.Free()
}

// freeFeatures is called before steps change the network, so that no features are held during training, unless they stay.
func (t *Trainer) freeFeatures() {
	if !t.Network.Frozen() {
		t.features.free()
	}
}

// see are the features of the images that quality is measured on and, with wantTrain, of the training images, else none; both are
// the same where there is no test split. The trainer owns them.
func (t *Trainer) see(ctx context.Context, wantTrain bool) (train, test *network.Features, err error) {
	train, test = &t.features.train, &t.features.test
	if t.test == t.train {
		test = train
	}
	if !wantTrain && test != train {
		if !t.Network.Frozen() {
			train.Free()
		}
		train = &network.Features{}
	} else if err := t.Network.Renew(ctx, t.train, train); err != nil {
		return nil, nil, err
	}
	if test != train {
		err = t.Network.Renew(ctx, t.test, test)
	}
	return train, test, err
}
