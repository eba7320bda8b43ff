package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
)

const module = "udml-gpu"

// rooms in the order in which they may import: a package never imports one to its left. Programs below scripts are for building
// and testing the tree.
var rooms = []string{"scripts", "cmd", "engine", "models", "kernels", "cgo"}

// TestArchitecture checks the whole tree by the design's rules for imports and documentation.
func TestArchitecture(t *testing.T) {
	found, err := violations(os.DirFS(filepath.Join("..", "..")))
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range found {
		t.Error(v)
	}
}

// notOurs are folders without sources of the tree.
var notOurs = []string{"testdata", "bin", "build", "runs"}

// violations reads every Go file of the tree and returns a sentence for each broken rule.
func violations(tree fs.FS) ([]string, error) {
	var found []string
	err := fs.WalkDir(tree, ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && name != "." && (strings.HasPrefix(d.Name(), ".") || slices.Contains(notOurs, d.Name())):
			return fs.SkipDir
		case d.IsDir() || path.Ext(name) != ".go":
			return nil
		}
		src, err := fs.ReadFile(tree, name)
		if err != nil {
			return err
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, src, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		for _, v := range append(badImports(name, f), undocumented(name, f)...) {
			found = append(found, name+": "+v)
		}
		return nil
	})
	return found, err
}

// badImports are the imports that point the wrong way.
func badImports(name string, f *ast.File) []string {
	room := strings.SplitN(name, "/", 2)[0]
	at := slices.Index(rooms, room)
	if at < 0 {
		return []string{"Go files belong into " + strings.Join(rooms, ", ")}
	}
	var bad []string
	for _, spec := range f.Imports {
		target, _ := strconv.Unquote(spec.Path.Value)
		switch {
		case target == "C" && room != "cgo":
			bad = append(bad, `import "C" outside cgo/`)
		case strings.HasPrefix(target, "gorgonia.org/cu") && path.Dir(name) != "cgo/cuda":
			bad = append(bad, target+" imported outside cgo/cuda")
		}
		inside, ok := strings.CutPrefix(target, module+"/")
		if !ok {
			continue
		}
		if to := slices.Index(rooms, strings.SplitN(inside, "/", 2)[0]); to < at {
			bad = append(bad, fmt.Sprintf("%s must not import %s", room, target))
		}
		if why := badRoom(path.Dir(name), inside); why != "" && !isTest(name) {
			bad = append(bad, why)
		}
		if path.Dir(name) == "kernels" && strings.HasPrefix(inside, "kernels/") && !isTest(name) {
			bad = append(bad, "package kernels must not import its op room "+target)
		}
	}
	return bad
}

func isTest(name string) bool { return strings.HasSuffix(name, "_test.go") }

// undocumented are the exported symbols of a file without a doc comment. In a group of constants or variables the comment may be
// above the group or beside the line.
func undocumented(name string, f *ast.File) []string {
	if isTest(name) {
		return nil
	}
	var bad []string
	for _, d := range f.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if d.Name.IsExported() && onExported(d.Recv) && d.Doc == nil {
				bad = append(bad, d.Name.Name+" has no doc comment")
			}
		case *ast.GenDecl:
			for _, s := range d.Specs {
				if sym := exportedBy(s); sym != "" && d.Doc == nil && !documented(s) {
					bad = append(bad, sym+" has no doc comment")
				}
			}
		}
	}
	return bad
}

// onExported says whether recv is that of a function or of a method of an exported type.
func onExported(recv *ast.FieldList) bool {
	if recv == nil {
		return true
	}
	t := recv.List[0].Type
	for {
		switch x := t.(type) {
		case *ast.StarExpr:
			t = x.X
		case *ast.IndexExpr:
			t = x.X
		case *ast.IndexListExpr:
			t = x.X
		case *ast.Ident:
			return x.IsExported()
		default:
			return false
		}
	}
}

// exportedBy is the first exported name that a type, constant or variable line declares, or "".
func exportedBy(s ast.Spec) string {
	switch s := s.(type) {
	case *ast.TypeSpec:
		if s.Name.IsExported() {
			return s.Name.Name
		}
	case *ast.ValueSpec:
		for _, n := range s.Names {
			if n.IsExported() {
				return n.Name
			}
		}
	}
	return ""
}

func documented(s ast.Spec) bool {
	switch s := s.(type) {
	case *ast.TypeSpec:
		return s.Doc != nil
	case *ast.ValueSpec:
		return s.Doc != nil || s.Comment != nil
	}
	return true
}

// TestArchitectureNotices: each rule finds a file that breaks it and accepts good files.
func TestArchitectureNotices(t *testing.T) {
	cases := map[string]struct{ src, want string }{
		"engine/a.go":                {`import "udml-gpu/cmd/udml-gpu"`, "engine must not import"},
		"engine/a_test.go":           {`import _ "udml-gpu/cmd/udml-gpu"`, "engine must not import"},
		"engine/setting/a.go":        {`import "udml-gpu/engine/train"`, "engine/setting must not import"},
		"engine/data/a.go":           {`import "udml-gpu/engine/data/cache"`, "engine/data must not import"},
		"engine/data/cache/a.go":     {`import "udml-gpu/engine/data/loader"`, "engine/data/cache must not import"},
		"engine/data/picture/p/a.go": {`import "udml-gpu/engine/data"`, "engine/data/picture must not import"},
		"engine/new/a.go":            {`import "udml-gpu/engine/data"`, "in no room"},
		"engine/train/good.go":       {`import "udml-gpu/engine/data/picture/unread"`, ""},
		"models/tape/a.go":           {`import "udml-gpu/engine"`, "models must not import"},
		"kernels/conv/a.go":          {`import "udml-gpu/models/tape"`, "kernels must not import"},
		"cgo/blas/a.go":              {`import "udml-gpu/kernels"`, "cgo must not import"},
		"models/b/a.go":              {`import "udml-gpu/scripts"`, "models must not import"},
		"kernels/a.go":               {`import "udml-gpu/kernels/conv"`, "op room"},
		"kernels/gemm/c.go":          {`import "C"`, "outside cgo"},
		"cgo/cudnn/cu.go":            {`import "gorgonia.org/cu"`, "outside cgo/cuda"},
		"tools/a.go":                 {``, "belong into"},
		"engine/func.go":             {`func F() {}`, "F has no doc"},
		"engine/type.go":             {`type T struct{}`, "T has no doc"},
		"engine/method.go":           {"// T is one.\ntype T[K any] struct{}\nfunc (t *T[K]) M() {}", "M has no doc"},
		"engine/const.go":            {"const (\nc = 1\nD = 2\n)", "D has no doc"},
		"engine/var.go":              {`var v, W = 1, 2`, "W has no doc"},
		"engine/good.go": {
			"import \"udml-gpu/models/tape\"\n// F is one.\nfunc F() {}\ntype t struct{}\nfunc (t) M() {}\nconst (\nA = 1 // a\n)", "",
		},
		"engine/good_test.go":       {`func TestX() {}`, ""},
		"kernels/loss/good.go":      {`import "udml-gpu/kernels/gemm"`, ""},
		"kernels/good_test.go":      {`import "udml-gpu/kernels/optest"`, ""},
		"cgo/cuda/good.go":          {"import \"C\"\nimport \"gorgonia.org/cu\"", ""},
		"engine/testdata/bad.go":    {`this is not Go`, ""},
		"engine/data/notes.txt":     {`func F() {}`, ""},
		"cmd/udml-gpu/good_main.go": {`import "udml-gpu/engine"`, ""},
	}
	for name, c := range cases {
		tree := fstest.MapFS{name: {Data: []byte("package p\n" + c.src)}}
		got, err := violations(tree)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if c.want == "" && len(got) > 0 || c.want != "" && (len(got) != 1 || !strings.Contains(got[0], c.want)) {
			t.Errorf("%s: found %q, want %q", name, got, c.want)
		}
	}
}
