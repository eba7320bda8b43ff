#!/usr/bin/env bash
# Searches for known vulnerabilities in the code that the program calls: govulncheck with the Go vulnerability database, which is itself a
# Go module, so that this works where only a module proxy can be reached. Every finding fails, unless scripts/vuln_known.txt names it with
# the reason why it may stay. VULNDB=latest uses today's database instead of the pinned one, whose date is in its version.
set -euo pipefail
cd "$(dirname "$0")/.."
go=${GO:-go}
# What is released is built with the toolchain that go.mod names: its library is what counts, whatever Go is installed here.
GOTOOLCHAIN=$(sed -n 's/^toolchain //p' go.mod)
export GOTOOLCHAIN
VULNDB=${VULNDB:-v0.0.0-20261105234957-e22db6528018}

if ! found=$(cd / && "$go" mod download -json "golang.org/x/vulndb@$VULNDB" 2>&1); then
  echo "vuln: NOT RUN: the vulnerability database cannot be fetched: $(grep -m1 -i '"Error"' <<<"$found")" >&2
  exit 3
fi
folder=$(sed -n 's/^.*"Dir": "\(.*\)".*/\1/p' <<<"$found")
version=$(sed -n 's/^.*"Version": "\(.*\)".*/\1/p' <<<"$found")

status=0
report=$("$go" tool -modfile=scripts/tools.mod govulncheck -db "file://$folder/data/osv" ./... 2>&1) || status=$?
ids=$(sed -nE 's/^Vulnerability #[0-9]+: (GO-[0-9-]+)$/\1/p' <<<"$report")
# Status 3: there are findings. Then the output must name them.
case $status in
  0) ;;
  3) [ -n "$ids" ] || { printf '%s\nvuln: these findings have no numbers that scripts/vuln.sh can read\n' "$report" >&2; exit 1; } ;;
  *) echo "$report" >&2; exit 1 ;;
esac
unknown=0
while read -r id; do
  [ -n "$id" ] || continue
  if reason=$(grep -m1 "^$id " scripts/vuln_known.txt); then
    echo "vuln: known: $reason"
  else
    unknown=1
    sed -n "/: $id\$/,/^\$/p" <<<"$report"
  fi
done <<<"$ids"
if [ "$unknown" = 1 ]; then
  echo "vuln: the findings above are not in scripts/vuln_known.txt; update the module, or add the reason why it may stay" >&2
  exit 1
fi
echo "vuln: nothing else is known of what the program calls (database $version)"
