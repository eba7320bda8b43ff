package file

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// object is an instance of a class in Python's form: made without arguments, then given attributes.
func object(class string) string {
	module, name, _ := strings.Cut(class, " ")
	return "c" + module + "\n" + name + "\n)\x81}(" + text("lr") + one() + "ub"
}

// beside is a checkpoint with a state dict of one tensor, w, and another value.
func beside(other string) string {
	return pairs(text("other"), other, text("state_dict"), pairs(text("w"), one()))
}

// TestObjectsBesideTheStateDict: objects are skipped, with the tensors in them.
func TestObjectsBesideTheStateDict(t *testing.T) {
	encode := "c_codecs\nencode\n" + tuple(text("\u00ff"), text("latin1")) + "R"
	dtype := "cnumpy\ndtype\n" + tuple(text("f8"), "\x89", "\x88") + "R" + tuple(number(3), text("<"), "NNN", number(1)) + "b"
	for _, c := range []struct{ name, other, class string }{
		{"namespace", object("argparse Namespace"), "argparse.Namespace"},
		{"numpy 1 scalar", "cnumpy.core.multiarray\nscalar\n" + tuple(dtype, encode) + "R", "numpy.core.multiarray.scalar"},
		{"numpy 2 scalar", "cnumpy._core.multiarray\nscalar\n" + tuple(dtype, encode) + "R", "numpy._core.multiarray.scalar"},
		{
			"scalar of Python 2", "cnumpy.core.multiarray\nscalar\n" + tuple(dtype, "U\x08\x9a\x99\x99\x99\x99\x99\xb9\x3f") + "R",
			"numpy.core.multiarray.scalar",
		},
		{"dtype", "ctorch\nfloat32\n", "torch.float32"},
		{"device", "ctorch\ndevice\n" + tuple(text("cpu")) + "R", "torch.device"},
		{"old class", "(c__main__\nOptions\n" + number(1) + "o}b", "__main__.Options"},
		{"set", "c__builtin__\nset\n" + tuple("]"+number(1)+"a") + "R", "__builtin__.set"},
		{"list of a class", "cm\nL\n)\x81(" + one() + "e", "m.L"},
		{
			"dict of a class", "cpytorch_lightning.utilities.parsing\nAttributeDict\n)\x81(" + text("a") + one() + "u}b",
			"pytorch_lightning.utilities.parsing.AttributeDict",
		},
		{"enum of Python 3.11", "c__builtin__\ngetattr\n" + tuple("cm\nColour\n", text("RED")) + "R", "m.Colour"},
		{"class in a class of a class", "c__builtin__\ngetattr\n" + tuple("c__builtin__\ngetattr\n"+tuple("cm\nA\n", text("B"))+"R",
			text("C")) + "R", "m.A"},
		{
			"dict with other keys",
			"}(" + tuple(number(1)) + one() + "G\x00\x00\x00\x00\x00\x00\x00\x00" + one() + "N" + one() + object("m O") + one() + "u",
			"m.O",
		},
		{"complex tensor", "ctorch._utils\n_rebuild_tensor_v2\n" + tuple(tuple(text("storage"), "ctorch\nComplexFloatStorage\n",
			text("1"), text("cpu"), number(1))+"Q", number(0), numbers(1), numbers(1), "\x89", "}") + "R", "torch.ComplexFloatStorage"},
		{
			"bytes of a storage", tuple(text("storage"), "ctorch.storage\nUntypedStorage\n", text("1"), text("cpu"), number(1)) + "Q",
			"torch.storage.UntypedStorage",
		},
		{"what a skipped object makes", object("m O") + tuple(number(1)) + "R", "m.O"},
		{"list that holds itself", "]q\x07h\x07a" + object("m O") + "a", "m.O"},
		{"too deep", strings.Repeat("]", 100) + strings.Repeat("a", 99) + object("m O") + "a", "m.O"},
		{"too many", chain(22) + "0" + object("m O"), "m.O"},
		{"tuple that holds itself", "]q\x07(h\x07tq\x08a0h\x08" + object("m O") + "0", "m.O"},
	} {
		o, err := open(strings.NewReader(string(torchFile(t, beside(c.other)))), int64(len(torchFile(t, beside(c.other)))))
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		f, err := o.Main()
		if err != nil || len(f.Tensors) != 1 || f.Tensors[0].Name != "w" || !slices.Contains(o.Objects, c.class) {
			t.Errorf("%s: %+v, objects %q, %v", c.name, f, o.Objects, err)
		}
		for _, x := range o.Outline().Tensors {
			if x.Name != "state_dict.w" {
				t.Errorf("%s: a tensor %q was taken from an object", c.name, x.Name)
			}
		}
	}
}

// TestRefusedGlobals: globals that run commands or code are refused anywhere in the file, although nothing would be run.
func TestRefusedGlobals(t *testing.T) {
	for _, g := range []string{
		"os system", "posix system", "nt system", "subprocess Popen", "subprocess check_output", "sys modules", "runpy run_path",
		"__builtin__ eval", "builtins eval",
		"__builtin__ exec", "builtins exec", "builtins __import__", "__builtin__ execfile", "builtins compile", "builtins open",
		"io open", "_io open",
		"importlib import_module", "shutil rmtree", "socket socket", "ctypes CDLL", "pty spawn", "operator attrgetter",
		"types FunctionType", "marshal loads",
		"pickle loads", "_pickle loads", "webbrowser open", "os.path join", "multiprocessing.util spawnv_passfds", "timeit timeit",
		"m os.system", "torch load",
	} {
		module, name, _ := strings.Cut(g, " ")
		global := "c" + module + "\n" + name + "\n"
		for form, pickle := range map[string]string{
			"called": global + tuple(text("true")) + "R", "named": global, "made": global + ")\x81", "old": "(" + global + "o",
			"as an argument": "cfunctools\npartial\n" + tuple(global) + "R",
			"of a class":     "c__builtin__\ngetattr\n" + tuple(global, text("a")) + "R",
		} {
			_, err := parse(torchFile(t, beside(pickle)))
			if err == nil || !strings.Contains(err.Error(), fmt.Sprintf("it asks for %q", module+"."+name)) {
				t.Errorf("%s, %s: error %v", g, form, err)
			}
		}
	}
	attribute := func(of, name string) string {
		return "cbuiltins\ngetattr\n" + tuple(of, name) + "R"
	}
	for what, pickle := range map[string]string{
		"private":                 attribute("cm\nf\n", text("__globals__")),
		"private of an object":    attribute(object("m O"), text("__class__")),
		"of text":                 attribute(text("a"), text("b")),
		"a name that is not text": attribute("cm\nf\n", number(1)),
		"with a default":          "cbuiltins\ngetattr\n" + tuple("cm\nf\n", text("a"), "N") + "R",
		"of an attribute of text": attribute(attribute(text("a"), text("b")), text("c")),
	} {
		if _, err := parse(torchFile(t, beside(pickle))); err == nil || !strings.Contains(err.Error(), `it asks for "builtins.getattr"`) {
			t.Errorf("%s: error %v", what, err)
		}
	}
}

// TestObjectsInTheStateDict: an object in place of a tensor is an error that names it.
func TestObjectsInTheStateDict(t *testing.T) {
	state := func(items ...string) string {
		return pairs(text("state_dict"), pairs(append(items, text("w"), one())...))
	}
	for what, c := range map[string]struct{ pickle, want string }{
		"object": {state(text("a"), object("m O")), `"a" of its state dict is an object ("m.O")`},
		"class":  {state(text("a"), "ctorch\nqint8\n"), `"torch.qint8"`},
		"complex": {
			state(text("a"), "ctorch._utils\n_rebuild_tensor_v2\n"+tuple(tuple(text("storage"),
				"ctorch\nComplexFloatStorage\n", text("1"), text("cpu"), number(1))+"Q",
				number(0), numbers(1), numbers(1), "\x89", "}")+"R"),
			`"torch.ComplexFloatStorage"`,
		},
		"without a wrap":  {pairs(text("a"), object("m O"), text("w"), one()), `"a" of its state dict`},
		"a tensor's key":  {state(tuple(number(1)), one()), "has a key that is neither text nor a number"},
		"whole model":     {object("m Net"), `it holds a whole object ("m.Net")`},
		"model in a dict": {pairs(text("model"), object("m Net")), `no tensors outside of objects that are not built (["m.Net"])`},
	} {
		if _, err := parse(torchFile(t, c.pickle)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want one with %s", what, err, c.want)
		}
	}
	for what, pickle := range map[string]string{
		"extra state": state(text("a._extra_state"), object("m O")), "text": state(text("a"), text("b")),
		"a queue beside": pairs(text("state_dict"), pairs(text("w"), one()), text("queue"), one(), text("args"), object("m O")),
	} {
		if _, err := parse(torchFile(t, pickle)); err != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// TestParametersWithAttributes: a parameter with attributes set by Python code, and a tensor of a subclass.
func TestParametersWithAttributes(t *testing.T) {
	stateful := "ctorch._utils\n_rebuild_parameter_with_state\n" + tuple(one(), "\x88", "}", pairs(text("a"), object("m O"))) + "R"
	rebuild := strings.TrimSuffix(one(), "R")
	function, args := rebuild[:strings.Index(rebuild, "(")], rebuild[strings.Index(rebuild, "("):]
	subclass := "ctorch._tensor\n_rebuild_from_type_v2\n" + tuple(function, "cm\nT\n", args, "}") + "R"
	f, err := parse(torchFile(t, pairs(text("a"), stateful, text("b"), subclass)))
	if err != nil || len(f.Tensors) != 2 || len(f.Tensors[1].Data) != 16 {
		t.Errorf("%+v, %v", f, err)
	}
	for _, bad := range []string{
		"ctorch._tensor\n_rebuild_from_type_v2\n" + tuple("ctorch._tensor\n_rebuild_from_type_v2\n", "N", args, "}") + "R",
		"ctorch._tensor\n_rebuild_from_type_v2\n" + tuple(function, "N", "N", "}") + "R",
	} {
		if _, err := parse(torchFile(t, pairs(text("a"), bad))); err == nil || !strings.Contains(err.Error(), "unexpected arguments") {
			t.Errorf("error %v", err)
		}
	}
}

// TestLegacyObjects: the old format's value may hold objects too; after a storage of unknown size nothing can be found.
func TestLegacyObjects(t *testing.T) {
	x := legacyTensor(4, "N")
	f, err := parse(legacyFile(pairs(text("args"), "cargparse\nNamespace\n)\x81}(U\x01\x80Nub", text("state_dict"), pairs(text("w"), x))))
	if err != nil || len(f.Tensors) != 1 {
		t.Errorf("%+v, %v", f, err)
	}
	module := tuple(text("module"), "cm\nNet\n", text("net.py"), text("class Net")) + "Q)\x81}b"
	for value, want := range map[string]string{
		module: `it holds a whole object ("m.Net")`,
		pairs(text("w"), strings.Replace(x, "FloatStorage", "ComplexFloatStorage", 1)): "a storage of a class that is not read",
	} {
		file := legacyOf(number(legacyProtocol), pairs(text("little_endian"), "\x88"), value, "]", "")
		if _, err := parse(file); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one with %s", err, want)
		}
	}
}
