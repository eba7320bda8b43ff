package main

import (
	"go/ast"
	"go/build"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

const (
	module = "udml-gpu"
	parity = module + "/kernels/parity"
	// root is the function that every test which uses a GPU calls, itself or through others.
	root = parity + ".Took"
)

// function is a function of the tree by package and name; a method by package and ".name", whatever its type.
type function string

// source is the content of the files: which functions mention which, and which are tests.
type source struct {
	mentions map[function][]function
	tests    map[string][]string // by package
}

// deviceTests are the tests below dir that use a GPU, sorted, by the path of their package: those that mention Took of
// kernels/parity, through any chain of functions of test files and of packages made for tests. A local variable
// with a function's name hides it; of methods only the name counts. A run shows what this misses: a test that uses a GPU
// and is not among these is an error too.
func deviceTests(dir string) (map[string][]string, error) {
	s := source{mentions: map[function][]function{}, tests: map[string][]string{}}
	if err := s.readTree(dir); err != nil {
		return nil, err
	}
	found := map[string][]string{}
	for pkg, names := range s.tests {
		for _, name := range names {
			if s.reaches(function(pkg+"."+name), map[function]bool{}) {
				found[pkg] = append(found[pkg], name)
			}
		}
		slices.Sort(found[pkg])
	}
	return found, nil
}

func (s *source) reaches(from function, seen map[function]bool) bool {
	if from == root {
		return true
	}
	if seen[from] {
		return false
	}
	seen[from] = true
	return slices.ContainsFunc(s.mentions[from], func(to function) bool { return s.reaches(to, seen) })
}

// readTree reads the test files below dir, and the other files of parity and of packages that import it.
func (s *source) readTree(dir string) error {
	context := build.Default
	context.BuildTags, context.CgoEnabled = append(context.BuildTags, "cuda"), true
	return filepath.WalkDir(dir, func(file string, d fs.DirEntry, err error) error {
		name := d.Name()
		switch {
		case err != nil:
			return err
		case d.IsDir() && file != dir && (strings.HasPrefix(name, ".") ||
			slices.Contains([]string{"testdata", "build", "bin", "runs"}, name)):
			return fs.SkipDir
		case d.IsDir() || path.Ext(name) != ".go":
			return nil
		}
		if match, err := context.MatchFile(filepath.Dir(file), name); err != nil || !match {
			return err
		}
		inside, err := filepath.Rel(dir, filepath.Dir(file))
		if err != nil {
			return err
		}
		text, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		return s.readFile(path.Join(module, filepath.ToSlash(inside)), file, text)
	})
}

// readFile adds the functions of one file.
func (s *source) readFile(pkg, name string, text []byte) error {
	f, err := parser.ParseFile(token.NewFileSet(), name, text, parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	test := strings.HasSuffix(name, "_test.go")
	imports := importsOf(f)
	forTests := pkg == parity || slices.Contains(slices.Collect(maps.Values(imports)), parity)
	if !test && !forTests {
		return nil
	}
	for _, d := range f.Decls {
		for from, body := range declared(d) {
			s.mentions[function(pkg+"."+from)] = append(s.mentions[function(pkg+"."+from)], mentioned(body, pkg, imports)...)
			if fn, ok := d.(*ast.FuncDecl); ok && test && fn.Recv == nil && isTest(from) {
				s.tests[pkg] = append(s.tests[pkg], from)
			}
		}
	}
	return nil
}

// isTest tells whether go test runs the function: its name is Test, or Test not followed by a small letter.
func isTest(name string) bool {
	rest, ok := strings.CutPrefix(name, "Test")
	return ok && name != "TestMain" && (rest == "" || !(rest[0] >= 'a' && rest[0] <= 'z'))
}

// importsOf are the paths of the file's imports by their names in the file.
func importsOf(f *ast.File) map[string]string {
	names := map[string]string{}
	for _, spec := range f.Imports {
		target, _ := strconv.Unquote(spec.Path.Value)
		name := path.Base(target)
		if spec.Name != nil {
			name = spec.Name.Name
		}
		names[name] = target
	}
	return names
}

// declared are the functions, methods and variables of a declaration with their bodies.
func declared(d ast.Decl) map[string]ast.Node {
	list := map[string]ast.Node{}
	switch d := d.(type) {
	case *ast.FuncDecl:
		name := d.Name.Name
		if d.Recv != nil {
			name = "." + name
		}
		list[name] = d
	case *ast.GenDecl:
		for _, spec := range d.Specs {
			if v, ok := spec.(*ast.ValueSpec); ok {
				for _, name := range v.Names {
					list[name.Name] = v
				}
			}
		}
	}
	return list
}

// mentioned are the functions named in a declaration, called or not.
func mentioned(body ast.Node, pkg string, imports map[string]string) []function {
	var list []function
	local := localNames(body)
	var visit func(n ast.Node) bool
	visit = func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SelectorExpr:
			if x, ok := n.X.(*ast.Ident); ok && imports[x.Name] != "" && !local[x.Name] {
				list = append(list, function(imports[x.Name]+"."+n.Sel.Name))
				return false
			}
			list = append(list, function(pkg+".."+n.Sel.Name))
			ast.Inspect(n.X, visit)
			return false
		case *ast.KeyValueExpr: // the name of a field is not a function
			if _, name := n.Key.(*ast.Ident); !name {
				ast.Inspect(n.Key, visit)
			}
			ast.Inspect(n.Value, visit)
			return false
		case *ast.Ident:
			if !local[n.Name] {
				list = append(list, function(pkg+"."+n.Name))
			}
		}
		return true
	}
	ast.Inspect(body, visit)
	return list
}

// localNames are the parameters and variables of a function, including those of functions inside it.
func localNames(body ast.Node) map[string]bool {
	names := map[string]bool{}
	add := func(list ...ast.Expr) {
		for _, e := range list {
			if id, ok := e.(*ast.Ident); ok {
				names[id.Name] = true
			}
		}
	}
	ast.Inspect(body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			if n.Tok == token.DEFINE {
				add(n.Lhs...)
			}
		case *ast.RangeStmt:
			if n.Tok == token.DEFINE {
				add(n.Key, n.Value)
			}
		case *ast.FuncType:
			for _, list := range []*ast.FieldList{n.Params, n.Results} {
				for _, name := range fieldNames(list) {
					names[name] = true
				}
			}
		case *ast.DeclStmt:
			for name := range declared(n.Decl) {
				names[name] = true
			}
		}
		return true
	})
	return names
}

func fieldNames(list *ast.FieldList) []string {
	var names []string
	if list != nil {
		for _, field := range list.List {
			for _, name := range field.Names {
				names = append(names, name.Name)
			}
		}
	}
	return names
}
