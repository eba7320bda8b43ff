package method

import (
	"context"
	"encoding/json"
	"slices"

	"udml-gpu/kernels"
	"udml-gpu/models/tape"
)

// The interfaces of this file are optional: the trainer checks which of them a method implements.

// Planner is a method that decides what the batches of an epoch show.
type Planner interface {
	// Rows is the number of rows of each epoch's plan. images is the number of training images, batch the rows of a batch.
	Rows(images, batch int) int
	// Plan is called at the start of an epoch. It may embed the training set, search for neighbours or cluster. nil is the usual
	// plan: every image once, the same in all views. A checkpoint within the epoch holds the plan, so that a resumed run follows
	// the same one. The error is that of ctx or of the device.
	Plan(ctx context.Context, e Epoch) (*Plan, error)
}

// EpochBeginner is a method with work to do at the start of each epoch, before its plan is made. It is not called when a resumed
// run continues in the middle of an epoch: what it has done must be in State or EpochState.
type EpochBeginner interface {
	BeginEpoch(ctx context.Context, e Epoch) error
}

// Epoch is what a method can look at before an epoch.
type Epoch struct {
	Number int // from 1
	Seed   uint64
	Images int     // number of training images
	Batch  int     // rows a batch
	Order  []int32 // of the images in an epoch without a plan, a function of Seed and Number
	Labels []int32 // true labels of the images, for a LabelReader that reads them; nil for others
	// Pretrained says that the network did not begin with random weights.
	Pretrained bool
	// Embed runs the training images through the present network in evaluation mode: pooled features [N,C] and embeddings [N,D].
	// The caller frees both.
	Embed func(ctx context.Context) (pooled, embedding *kernels.Array, err error)
	// Nearest is the index of the other row that is nearest by cosine, for every row of x [N,C]: int32 [N,1], which the caller frees; -1
	// for none. All ranks of the run get it. The error is that of a rank that is gone.
	Nearest func(x *kernels.Array) (*kernels.Array, error)
	// Neighbours are the indexes of the k rows nearest to each row of x [N,C] by Euclidean distance, itself among them, nearest first:
	// int32 [N,k], which the caller frees; -1 in the places of rows that are not finite. Ranks and error are as with Nearest.
	Neighbours func(x *kernels.Array, k int) (*kernels.Array, error)
	// Cluster is the cluster, 0 to k-1, of each row of x [N,C] by k-means with that seed. Ranks and error are as with Nearest; ctx ends it.
	Cluster func(ctx context.Context, x *kernels.Array, k int, seed uint64) ([]int32, error)
	// Worked shows how much of some work, a phrase such as "mining images", is done.
	Worked func(what string, done, total int)
	// Fault is the first fault of the device; nil while there is none.
	Fault func() error
}

// Plan is what the rows of an epoch show. Batches take rows in this order; the last batch may be smaller.
type Plan struct {
	First  []int32 // the image that the first view of each row shows
	Second []int32 // the image that the other views of each row show
	Labels []int32 // Inputs.Labels of each row; nil: the true ones, which only a LabelReader reads
}

// StepFollower is a method with work to do after each step, such as a moving average or a memory bank. The work is queued on the
// device and must change nothing where Step.Skip[0] is not 0. It is part of the step that a CUDA graph captures, so it queues the same
// launches each time: a number that differs from step to step, such as a position in a bank, lies on the device (kernels/numbers). What
// waits for the device, as Read does, keeps all steps of the run from being graphs.
type StepFollower interface {
	AfterStep(s Step)
}

// Step is a step that has just been queued.
type Step struct {
	Outputs
	Samples *kernels.Array // int32, the image of each row of Outputs.Embedding
	Skip    *kernels.Array // int32 [1]
}

// Stateful is a method that keeps tensors besides the network's parameters, such as a teacher or a memory bank. Each checkpoint
// holds them, so that a resumed run ends in the same bytes. They exist once the first step is recorded.
type Stateful interface {
	State() []*tape.Param
}

// Starter is a method whose tensors begin as others are, such as a teacher as the network is. Start is called once the network has its
// values, in a resumed run that has no state of the method. In a new run the network has them when the first step is recorded.
type Starter interface {
	Start()
}

// OrthogonalStarter is a method whose embedding layer begins orthogonal and with a bias of 0, where it is not fitted on the images.
type OrthogonalStarter interface {
	OrthogonalHead()
}

// Proven is a method that gained, from pretrained weights, on nearly every labelled set that it was calibrated on, unless its rate was far
// too high (docs/selection.md): its backbone is kept on less evidence than that of other methods.
type Proven interface {
	ProvenFromPretrained()
}

// BatchNeeder is a method whose batches have so many images at least.
type BatchNeeder interface {
	LeastBatch() int
}

// ImageNeeder is a method that needs so many images to train on, which a setting says.
type ImageNeeder interface {
	// LeastImages is that number, and the setting; 0 where any number will do.
	LeastImages() (images int, setting string)
}

// EpochKeeper is a method that needs values of an unfinished epoch to resume it: they are in the checkpoint's epoch.json.
type EpochKeeper interface {
	// EpochState is what a resumed epoch needs, by key, as values for JSON. The caller may keep the map and its values.
	EpochState() map[string]any
	// SetEpochState restores it before epoch number epoch continues, in a run on that many images. State that does not fit is an
	// error.
	SetEpochState(epoch, images int, state map[string]json.RawMessage) error
}

// Viewer is a method that sees each image in other views than the usual two.
type Viewer interface {
	Views() []View
}

// View is one random view of an image in a step. Views of the same size are one array of the input (Inputs).
type View struct {
	Size   int // in pixels; 0: --size
	Strong bool
}

// SmallViewer is a method whose loss takes small views besides the usual two (multi-crop; Caron et al., "Unsupervised Learning of Visual
// Features by Contrasting Cluster Assignments", NeurIPS 2020). They come behind those in Inputs, and are compared with what the usual two
// stand for: no row is compared with them.
type SmallViewer interface {
	TakesSmallViews()
}

// TakesSmallViews says whether m does.
func TakesSmallViews(m Method) bool {
	_, ok := m.(SmallViewer)
	return ok
}

// SmallViewers are the names of the methods that take small views, in alphabetical order.
func SmallViewers() []string {
	return slices.DeleteFunc(Names(), func(name string) bool {
		m, err := New(name)
		return err != nil || !TakesSmallViews(m)
	})
}

// usualViews are the views of a method that is not a Viewer: the second is augmented more strongly than the first.
var usualViews = []View{{}, {Strong: true}}

// ViewsOf are the views in which m sees each image.
func ViewsOf(m Method) []View {
	if v, ok := m.(Viewer); ok {
		return v.Views()
	}
	return usualViews
}

// LabelReader is a method that may read true labels.
type LabelReader interface {
	// ReadsLabels says whether it does. The result is then an upper bound and is marked as one.
	ReadsLabels() bool
}

// LabelNeeder is a method that cannot do without true labels, of two classes or more.
type LabelNeeder interface {
	NeedsLabels() bool
}

// NeedsLabels says whether m cannot do without true labels.
func NeedsLabels(m Method) bool {
	n, ok := m.(LabelNeeder)
	return ok && n.NeedsLabels()
}

// ReadsLabels says whether m reads true labels.
func ReadsLabels(m Method) bool {
	r, ok := m.(LabelReader)
	return ok && r.ReadsLabels()
}
