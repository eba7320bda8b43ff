package file

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"udml-gpu/models/weights/file/pickle"
)

// storageDTypes are torch's storage classes by dtype.
var storageDTypes = map[string]string{
	"FloatStorage": "F32", "DoubleStorage": "F64", "HalfStorage": "F16", "BFloat16Storage": "BF16", "LongStorage": "I64",
	"IntStorage": "I32", "ShortStorage": "I16", "CharStorage": "I8", "ByteStorage": "U8", "BoolStorage": "BOOL",
}

// The globals that are known besides the storages.
var (
	orderedDict      = pickle.Global{Module: "collections", Name: "OrderedDict"}
	defaultDict      = pickle.Global{Module: "collections", Name: "defaultdict"}
	torchSize        = pickle.Global{Module: "torch", Name: "Size"}
	rebuildTensor    = pickle.Global{Module: "torch._utils", Name: "_rebuild_tensor_v2"}
	rebuildOldTensor = pickle.Global{Module: "torch._utils", Name: "_rebuild_tensor"} // before torch 0.4
	rebuildParameter = pickle.Global{Module: "torch._utils", Name: "_rebuild_parameter"}
	rebuildStateful  = pickle.Global{Module: "torch._utils", Name: "_rebuild_parameter_with_state"} // a Parameter with attributes
	rebuildSubclass  = pickle.Global{Module: "torch._tensor", Name: "_rebuild_from_type_v2"}        // a Tensor with attributes
)

// torchStorage is a block of count elements under a key.
type torchStorage struct {
	dtype, key string
	count      int
}

// torchTensor is a tensor as described in the pickle, unchecked.
type torchTensor struct {
	torchStorage
	layout
}

// torchResolver resolves the few globals of tensors and containers, and skips all other objects.
type torchResolver struct{ objects *objects }

// objects are the names of the callables of skipped objects: the first few, each once.
type objects struct{ names []string }

// maxObjects is the number of names kept: the settings of a checkpoint have about ten classes.
const maxObjects = 50

func (o *objects) add(g pickle.Global) {
	if name := fmt.Sprintf("%.100s", g); o != nil && len(o.names) < maxObjects && !slices.Contains(o.names, name) {
		o.names = append(o.names, name)
	}
}

// Find refuses globals that run commands or code. Other unknown globals are skipped.
func (r torchResolver) Find(g pickle.Global) error {
	switch g {
	case orderedDict, defaultDict, torchSize, rebuildTensor, rebuildOldTensor, rebuildParameter, rebuildStateful, rebuildSubclass:
		return nil
	}
	if refused(g) {
		return errRefused(g)
	}
	if storageDType(g) == "" {
		r.objects.add(g)
	}
	return nil
}

// Call makes containers and tensors.
func (r torchResolver) Call(g pickle.Global, args pickle.Tuple) (any, error) {
	if (pickle.Global{Module: module(g.Module), Name: g.Name}) == attribute {
		return attributeOf(g, args)
	}
	if len(args) > 0 {
		if s, ok := args[0].(pickle.Skipped); ok { // a tensor with unknown elements, or a list of an unknown class
			return s, nil
		}
	}
	switch g {
	case orderedDict, defaultDict, torchSize:
		return newContainer(g, args)
	case rebuildTensor, rebuildOldTensor, rebuildParameter, rebuildStateful, rebuildSubclass:
		return r.rebuild(g, args)
	}
	if storageDType(g) != "" {
		return nil, errArguments(g, args)
	}
	return pickle.Skipped{By: g}, nil
}

func errArguments(g pickle.Global, args pickle.Tuple) error {
	return fmt.Errorf("a call of %s with unexpected arguments (%d)", g, len(args))
}

func newContainer(g pickle.Global, args pickle.Tuple) (any, error) {
	switch {
	case g == orderedDict && len(args) == 0, g == defaultDict && len(args) <= 1: // with or without its factory
		return &pickle.Dict{}, nil
	case g == orderedDict && len(args) == 1:
		return dictOf(args[0])
	case g == torchSize && len(args) == 1:
		return args[0], nil
	}
	return nil, errArguments(g, args)
}

// rebuild makes the tensor that torch's function of that name would make.
func (r torchResolver) rebuild(g pickle.Global, args pickle.Tuple) (any, error) {
	switch {
	case g == rebuildTensor && (len(args) == 6 || len(args) == 7): // storage, offset, size, strides, requires_grad, hooks[, metadata]
		return newTorchTensor(args)
	case g == rebuildOldTensor && len(args) == 4:
		return newTorchTensor(args)
	case g == rebuildParameter && len(args) == 3, g == rebuildStateful && len(args) == 4: // tensor, requires_grad, hooks[, attributes]
		if t, ok := args[0].(*torchTensor); ok {
			return t, nil
		}
	case g == rebuildSubclass && len(args) == 4: // function, class, its arguments, attributes
		of, named := args[0].(pickle.Global)
		inner, listed := args[2].(pickle.Tuple)
		if named && listed && of != rebuildSubclass {
			return r.Call(of, inner)
		}
	}
	return nil, errArguments(g, args)
}

// dictOf makes an OrderedDict from Python 2's form: a list of lists of a key and its value.
func dictOf(items any) (*pickle.Dict, error) {
	list, ok := items.(*pickle.List)
	if !ok {
		return nil, fmt.Errorf("an OrderedDict of a %T", items)
	}
	d := &pickle.Dict{}
	for _, item := range list.Items {
		pair, ok := item.(*pickle.List)
		if !ok || len(pair.Items) != 2 {
			return nil, errors.New("an OrderedDict of something other than pairs")
		}
		if err := d.Set(pair.Items[0], pair.Items[1]); err != nil {
			return nil, err
		}
	}
	return d, nil
}

// Build ignores the attributes of an OrderedDict, which in a state_dict are versions of the modules.
func (torchResolver) Build(object, _ any) error {
	if _, ok := object.(*pickle.Dict); !ok {
		return fmt.Errorf("a %T is given attributes", object)
	}
	return nil
}

// Persistent is a storage: ("storage", class, key, location, elements). The location, such as "cuda:0", is ignored.
func (torchResolver) Persistent(id any) (any, error) {
	t, _ := id.(pickle.Tuple)
	if len(t) != 5 || t[0] != "storage" {
		return nil, errors.New("a persistent id that is not a storage")
	}
	class, _ := t[1].(pickle.Global)
	key, named := t[2].(string)
	count, counted := t[4].(int64)
	dtype := storageDType(class)
	if dtype == "" && named && counted && strings.HasPrefix(class.Module, "torch") && strings.HasSuffix(class.Name, "Storage") {
		return pickle.Skipped{By: class}, nil // of complex or quantized numbers, or of bytes
	}
	if dtype == "" || !named || !counted || count < 0 || count > math.MaxInt {
		return nil, fmt.Errorf("a storage of an unexpected form (class %.100q)", class)
	}
	return torchStorage{dtype, key, int(count)}, nil
}

// storageDType is the dtype of a storage class; "" for an unknown class.
func storageDType(g pickle.Global) string {
	if g.Module != "torch" {
		return ""
	}
	return storageDTypes[g.Name]
}

func newTorchTensor(args pickle.Tuple) (*torchTensor, error) {
	storage, stored := args[0].(torchStorage)
	offset, counted := args[1].(int64)
	shape, sized := sizes(args[2])
	stride, strided := sizes(args[3])
	if !stored || !counted || offset < 0 || offset > math.MaxInt || !sized || !strided {
		return nil, errors.New("a tensor of an unexpected form")
	}
	return &torchTensor{storage, layout{int(offset), shape, stride}}, nil
}

// maxDims is more than torch (64) or this program (4) supports. It keeps a short file from describing long shapes many times.
const maxDims = 64

// sizes are the whole numbers of a tuple; ok is false where any is negative.
func sizes(v any) ([]int, bool) {
	t, ok := v.(pickle.Tuple)
	if !ok || len(t) > maxDims {
		return nil, false
	}
	list := make([]int, len(t))
	for i, e := range t {
		n, ok := e.(int64)
		if !ok || n < 0 || n > math.MaxInt {
			return nil, false
		}
		list[i] = int(n)
	}
	return list, true
}
