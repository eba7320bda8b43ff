package method

import (
	"context"
	"encoding/json"

	"udml-gpu/kernels"
	"udml-gpu/models/tape"
)

// What follows is optional: the trainer asks a method for each of these interfaces and does without those that it lacks.

// Planner is a method that decides what the batches of an epoch show.
type Planner interface {
	// Rows is the number of rows of each epoch's plan, for that many training images in batches of that many.
	Rows(images, batch int) int
	// Plan is called at the start of an epoch. It may embed the training set, look for neighbours or cluster. nil is the usual plan.
	// A checkpoint within the epoch holds the plan, so that a resumed run follows the same. The error is that of ctx or of the device.
	Plan(ctx context.Context, e Epoch) (*Plan, error)
}

// EpochBeginner is a method with something to do at the start of each epoch, before its plan is made. Where a resumed run goes on in
// the middle of an epoch it is not called: what it did is in State or EpochState.
type EpochBeginner interface {
	BeginEpoch(ctx context.Context, e Epoch) error
}

// Epoch is what a method can look at before an epoch.
type Epoch struct {
	Number int // from 1
	Seed   uint64
	Images int     // that are trained on
	Batch  int     // rows a batch
	Order  []int32 // of the images in the epoch that nobody plans, a function of seed and number
	// Embed runs the training images through the network as it is, in evaluation mode: pooled features [N,C] and embeddings [N,D]. The
	// caller frees both.
	Embed func(ctx context.Context) (pooled, embedding *kernels.Array, err error)
	// Fault is the first fault of the device, nil while there is none.
	Fault func() error
}

// Plan says what the rows of an epoch show. Batches are cut from them in order; the last one may be smaller.
type Plan struct {
	First  []int32 // the image that the first view of each row shows
	Second []int32 // the image that its other views show, likewise
}

// StepFollower is a method with something to do after each step: a moving average, a memory bank. What it does is queued on the
// device and must do nothing where skip[0] is not 0; it is part of the step that a CUDA graph holds.
type StepFollower interface {
	AfterStep(s Step)
}

// Step is a step that has just been queued.
type Step struct {
	Outputs
	Samples *kernels.Array // int32, the image of each row of Outputs.Embedding
	Skip    *kernels.Array // int32 [1]
}

// Stateful is a method that keeps tensors beside the network's parameters, such as a teacher or a bank. They go into each
// checkpoint, so that a resumed run ends in the same bytes. They exist once the first step is recorded.
type Stateful interface {
	State() []*tape.Param
}

// EpochKeeper is a method that keeps something of an unfinished epoch: it stands in the checkpoint's epoch.json by these keys.
type EpochKeeper interface {
	// EpochState is what a resumed epoch needs, as values for JSON. The map and what it holds may be kept.
	EpochState() map[string]any
	// SetEpochState puts it back before epoch number epoch, of a run on that many images, goes on. It refuses what does not fit.
	SetEpochState(epoch, images int, state map[string]json.RawMessage) error
}

// Viewer is a method that does not see each image in the usual two views.
type Viewer interface {
	Views() []View
}

// View is one of the ways in which a step shows an image. Views of one size stand together in the input (Inputs).
type View struct {
	Size   int // in pixels; 0: --size
	Strong bool
}

// usualViews are those of a method that does not say: the second is changed more than the first.
var usualViews = []View{{}, {Strong: true}}

// ViewsOf are the views that m wants.
func ViewsOf(m Method) []View {
	if v, ok := m.(Viewer); ok {
		return v.Views()
	}
	return usualViews
}

// Sized is a method whose own layers take memory that does not grow with the pixels of its images.
type Sized interface {
	// Bytes is about what they take in a step on that many images with embeddings of that many dimensions, gradients and moments
	// included.
	Bytes(images, dim int) float64
	// Shrink makes them as small as they can be: an estimate records the method's steps without them.
	Shrink()
}

// LabelReader is a method that may read true labels.
type LabelReader interface {
	// ReadsLabels is true where it does: the result is then an upper bound, and is marked so.
	ReadsLabels() bool
}

// ReadsLabels says whether m reads true labels.
func ReadsLabels(m Method) bool {
	r, ok := m.(LabelReader)
	return ok && r.ReadsLabels()
}
