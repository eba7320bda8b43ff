#!/usr/bin/env bash
# Tests that scripts/notices.sh and scripts/vuln.sh fail when they must, with a stand-in for go.
set -euo pipefail
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work"/{mit,unknown,none,out}
echo 'Permission is hereby granted, free of charge, to any person obtaining a copy' >"$work/mit/LICENSE"
echo 'All rights reserved' >"$work/unknown/LICENSE"

# go_says BODY: makes the stand-in run BODY.
go_says() {
  printf '#!/bin/sh\n%s\n' "$1" >"$work/go"
  chmod +x "$work/go"
}

# want STATUS WORDS COMMAND...: the expected status of the command and a part of its output.
want() {
  local status=0 want=$1 words=$2
  shift 2
  GO=$work/go "$@" >"$work/said" 2>&1 || status=$?
  if [ "$status" != "$want" ] || [[ $(cat "$work/said") != *"$words"* ]]; then
    echo "notices_test: $*: status $status, wanted $want with '$words' after: $(cat "$work/go")" >&2
    cat "$work/said" >&2
    exit 1
  fi
}

go_says "echo 'x.org/m v1 $work/mit'"
want 0 '' scripts/notices.sh "$work/out"
grep -q '^==== x.org/m v1 (MIT)$' "$work/out/modules.txt"
go_says "echo 'x.org/m v1 $work/unknown'"
want 1 'does not know' scripts/notices.sh "$work/out"
go_says "echo 'x.org/m v1 $work/none'"
want 1 'has no licence file' scripts/notices.sh "$work/out"
# shellcheck disable=SC2016 # the stand-in's variables
go_says '[ "$GOARCH$CGO_ENABLED" != amd641 ] || { echo no such module >&2; exit 7; }'"; echo 'x.org/m v1 $work/mit'"
want 7 'no such module' scripts/notices.sh "$work/out"

# vuln STATUS REPORT: the exit status and the output of govulncheck.
vuln() {
  printf '%b' "$2" >"$work/report"
  go_says "case \$1 in mod) printf '  \"Dir\": \"/x\"\\n  \"Version\": \"v1\"\\n' ;; *) cat '$work/report'; exit $1 ;; esac"
}

known=$(grep -m1 -o '^GO-[0-9-]*' scripts/vuln_known.txt || true)
vuln 0 'No vulnerabilities found.\n'
want 0 'nothing else is known' scripts/vuln.sh
vuln 3 'Vulnerability #1: GO-1-1\n  what it is\n\n'
want 1 'what it is' scripts/vuln.sh
vuln 3 'in other words\n'
want 1 'no numbers' scripts/vuln.sh
vuln 1 'broken\n'
want 1 'broken' scripts/vuln.sh
if [ -n "$known" ]; then
  vuln 3 "Vulnerability #1: $known\n  what it is\n\n"
  want 0 "known: $known" scripts/vuln.sh
fi
echo "notices_test: passed"
