package file

import (
	"fmt"
	"slices"
	"strings"

	"udml-gpu/models/weights/file/pickle"
)

// Objects in a pickle are skipped and never built, so that no name in it can do harm here. A file that names modules for running
// commands or code is refused nevertheless: no trained weights need them, and the owner of such a file should know.
var refusedModules = []string{
	"_ctypes", "_pickle", "_posixsubprocess", "asyncio", "bdb", "cProfile", "cloudpickle", "code", "codeop", "commands", "ctypes",
	"dill", "distutils", "ftplib", "httplib", "imp", "importlib", "marshal", "multiprocessing", "nt", "os", "pdb", "pickle", "pip",
	"pkgutil", "popen2", "posix", "profile", "pty", "pydoc", "requests", "runpy", "shutil", "smtplib", "socket", "subprocess",
	"sys", "telnetlib", "timeit", "urllib", "urllib2", "webbrowser",
}

// refusedGlobals run code or open files; the rest of their modules is harmless.
var refusedGlobals = map[string][]string{
	"builtins": {
		"__import__", "apply", "breakpoint", "compile", "delattr", "eval", "exec", "execfile", "file", "globals", "input", "locals",
		"open", "raw_input", "reload", "setattr", "vars",
	},
	"_io":       {"FileIO", "open", "open_code"},
	"io":        {"FileIO", "open", "open_code"},
	"functools": {"reduce"},
	"operator":  {"attrgetter", "methodcaller"},
	"platform":  {"popen"},
	"torch":     {"load"},
	"types":     {"CodeType", "FunctionType", "LambdaType"},
}

// module is the Python 3 name of a module, which Python 2 and thus protocol 2 name differently.
func module(name string) string {
	if name == "__builtin__" {
		return "builtins"
	}
	return name
}

// refused tells whether a file that names g is refused.
func refused(g pickle.Global) bool {
	root, _, _ := strings.Cut(module(g.Module), ".")
	if slices.Contains(refusedModules, root) || slices.Contains(refusedGlobals[module(g.Module)], g.Name) {
		return true
	}
	parts := strings.Split(g.Name, ".")
	return len(parts) > 1 && slices.ContainsFunc(parts, func(part string) bool { return slices.Contains(refusedModules, part) })
}

// errRefused is the error for a file that names g.
func errRefused(g pickle.Global) error {
	return fmt.Errorf("it asks for %.100q; only tensors and plain containers are read, and nothing was run: "+
		"save only the model's state_dict()", g)
}

// attribute is Python's form of a member of an enumeration and of a class within a class. With other arguments it can reach into
// modules, and the file is refused.
var attribute = pickle.Global{Module: "builtins", Name: "getattr"}

// attributeOf skips the attribute of a class.
func attributeOf(g pickle.Global, args pickle.Tuple) (any, error) {
	if len(args) != 2 {
		return nil, errRefused(g)
	}
	name, text := args[1].(string)
	if !text || strings.HasPrefix(name, "_") {
		return nil, errRefused(g)
	}
	switch of := args[0].(type) {
	case pickle.Skipped:
		return of, nil
	case pickle.Global:
		return pickle.Skipped{By: of}, nil
	}
	return nil, errRefused(g)
}
