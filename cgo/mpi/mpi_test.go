package mpi

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"udml-gpu/cgo/library"
)

// environment looks up variables in pairs of name and value.
func environment(pairs ...string) func(string) string {
	return func(name string) string {
		for i := 0; i < len(pairs); i += 2 {
			if pairs[i] == name {
				return pairs[i+1]
			}
		}
		return ""
	}
}

// TestFiles: the library of the launcher comes first, and every library is tried.
func TestFiles(t *testing.T) {
	for _, c := range []struct {
		first string
		env   []string
	}{
		{"libmpi.so.40", nil},
		{"libmpi.so.40", []string{"OMPI_COMM_WORLD_RANK", "0", "PMI_RANK", "0"}},
		{"libmpi.so.40", []string{"PMIX_RANK", "1"}},
		{"libmpi.so.12", []string{"PMI_RANK", "0", "PMIX_RANK", "0"}},
	} {
		files := Files(environment(c.env...))
		if files[0] != c.first {
			t.Errorf("under %v %s is first, want %s", c.env, files[0], c.first)
		}
		slices.Sort(files)
		if !slices.Equal(files, []string{"libmpi.so.12", "libmpi.so.40", "libmpi_abi.so.1", "libmpich.so.12"}) {
			t.Errorf("under %v the files are %v", c.env, files)
		}
	}
}

func TestMissing(t *testing.T) {
	for _, c := range []struct {
		found library.Library
		env   []string
		want  string
	}{
		{
			library.Library{Problem: "a; b"},
			[]string{"PMI_RANK", "0"},
			"none of libmpi.so.12, libmpich.so.12, libmpi_abi.so.1, libmpi.so.40 could be opened: install Open MPI or MPICH, " +
				"or set UDML_LIBMPI to the library of the mpirun that you use",
		},
		{
			library.Library{Problem: "x cannot be used: no such file"},
			[]string{FileVariable, "x"},
			"x cannot be used: no such file (named by UDML_LIBMPI)",
		},
		{
			library.Library{Problem: "UDML_LIBMPI is off"},
			[]string{FileVariable, "off"},
			"UDML_LIBMPI is off: unset it, or start one process",
		},
		{library.Library{Problem: library.NoCgo}, nil, "MPI cannot be used: this build was made without cgo"},
	} {
		if err := missing(c.found, environment(c.env...)); err.Error() != c.want {
			t.Errorf("%+v: %q, want %q", c.found, err, c.want)
		}
	}
}

func TestNameOf(t *testing.T) {
	for text, want := range map[string]string{
		"Open MPI v4.1.4, package: Debian OpenMPI, ident: 4.1.4, repo rev: v4.1.4, May 26, 2022": "Open MPI v4.1.4",
		"MPICH Version:\t4.0.2\nMPICH Release date:\tThu Apr  7 12:34:45 CDT 2022\n":             "MPICH 4.0.2",
		"Intel(R) MPI Library 2021.19 for Linux*\n":                                              "Intel(R) MPI Library 2021.19 for Linux*",
		"": "",
	} {
		if got := nameOf([]byte(text)); got != want {
			t.Errorf("%q is called %q, want %q", text, got, want)
		}
	}
}

// The functions of a library that has nothing but what a search looks at, with what each kind has beside them.
const (
	common = `
int MPI_Init_thread(){return 0;} int MPI_Finalize(){return 0;} int MPI_Abort(){return 0;} int MPI_Comm_rank(){return 0;}
int MPI_Comm_size(){return 0;} int MPI_Comm_set_errhandler(){return 0;} int MPI_Comm_split_type(){return 0;}
int MPI_Comm_free(){return 0;} int MPI_Isend(){return 0;} int MPI_Irecv(){return 0;} int MPI_Test(){return 0;}
int MPI_Iallreduce(){return 0;} int MPI_Error_string(){return 0;} int MPI_Get_library_version(){return 0;}
int MPI_Get_version(int*a,int*b){*a=VERSION;*b=1;return 0;}
`
	counts       = "int MPI_Get_count(){return 0;}\n"
	addresses    = "int ompi_mpi_comm_world, ompi_mpi_byte, ompi_mpi_float, ompi_mpi_double, ompi_mpi_op_sum, ompi_mpi_info_null;\n"
	errorsReturn = "int ompi_mpi_errors_return;\n"
	standard     = "int MPI_Abi_get_version(int*a,int*b){*a=1;*b=0;return 0;}\n"
	notStandard  = "int MPI_Abi_get_version(int*a,int*b){*a=-1;*b=-1;return 0;}\n"
)

// TestABI: each kind of library is told from the others by what it has, whatever its file is called.
func TestABI(t *testing.T) {
	compiler, err := exec.LookPath("cc")
	if err != nil {
		t.Skip("a C compiler is needed, as for a build with cgo")
	}
	for _, c := range []struct {
		name, source, version string
		abi                   ABI
		problem               string
	}{
		{"openmpi", common + counts + addresses + errorsReturn, "3", OpenMPI, ""},
		{"mpich4", common + counts, "4", MPICH, ""},
		{"mpich5", common + counts + notStandard, "5", MPICH, ""},
		{"standard", common + counts + standard, "5", Standard, ""},
		{"part", common, "3", 0, "has no function MPI_Get_count"},
		{"addressless", common + counts + addresses, "3", 0, "has no function ompi_mpi_errors_return"},
		{"old", common + counts, "2", 0, "old.so is MPI 2.1.0, and this program needs version 3 or 4 or 5"},
	} {
		file := filepath.Join(t.TempDir(), c.name+".so")
		cc := exec.Command(compiler, "-shared", "-fPIC", "-w", "-DVERSION="+c.version, "-x", "c", "-", "-o", file)
		cc.Stdin = strings.NewReader(c.source)
		if out, err := cc.CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		t.Setenv(FileVariable, file)
		b := bindingOf(os.Getenv)
		b.Global = false // so that the next library keeps its functions for itself
		found := b.Find()
		if found.Problem == library.NoCgo {
			t.Skip(library.NoCgo)
		}
		if !strings.Contains(found.Problem, c.problem) || c.problem == "" && (found.Problem != "" || abiOfOpened() != c.abi) {
			t.Errorf("%s: %+v, %v", c.name, found, abiOfOpened())
		}
	}
}

// TestOff holds in every build.
func TestOff(t *testing.T) {
	t.Setenv(FileVariable, "off")
	if l, err := Open(); err == nil || l != nil {
		t.Errorf("switched off, %+v, %v", l, err)
	}
}
