package tcp

import (
	"os"
	"os/exec"
	"strings"
	"testing"
)

// cutLink joins two ranks in two network namespaces, cuts the link between them once both have exchanged, and prints their exit codes.
const cutLink = `set -e
dir=$1 program=$2
ip link set lo up
unshare -n sleep 100 & other=$!
trap 'kill $other' EXIT
inside() { nsenter -t $other -n "$@"; }
until [ "$(readlink /proc/$other/ns/net)" != "$(readlink /proc/$$/ns/net)" ]; do kill -0 $other; sleep 0.01; done
ip link add va type veth peer name vb netns $other
inside ip link set lo up
ip addr add 10.9.0.1/24 dev va; ip link set va up
inside ip addr add 10.9.0.2/24 dev vb; inside ip link set vb up
UDML_TCP_TEST=0/2/10.9.0.1:7000/exchange timeout 30 $program > $dir/0 & a=$!
UDML_TCP_TEST=1/2/10.9.0.1:7000/exchange inside timeout 30 $program > $dir/1 & b=$!
until grep -q ready $dir/0 && grep -q ready $dir/1; do kill -0 $a; sleep 0.1; done
ip link set va down
set +e
wait $a; echo code $?
wait $b; echo code $?
cat $dir/0 $dir/1`

// TestCutLink: when the network between two machines is cut, both ranks end after the limit; rank 0 listens for other machines.
func TestCutLink(t *testing.T) {
	const needs = "command -v nsenter timeout && ip link add va type veth peer name vb"
	if err := exec.Command("unshare", "-n", "sh", "-c", needs).Run(); err != nil {
		t.Skipf("no network namespaces can be made here (unshare and ip, as root): %v", err)
	}
	out, err := exec.Command("unshare", "-n", "sh", "-c", cutLink, "sh", t.TempDir(), os.Args[0]).CombinedOutput()
	for want, times := range map[string]int{"code 6\n": 2, "rank 1 on ": 1, "rank 0 on ": 1, "no answer in 1.5s (swap)": 1} {
		if err != nil || strings.Count(string(out), want) < times {
			t.Fatalf("%v, %q is missing in:\n%s", err, want, out)
		}
	}
}
