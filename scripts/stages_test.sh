#!/usr/bin/env bash
# Tests scripts/stages.sh: failures are reported and make the run fail, lines of lanes are not mixed, and a signal ends everything started.
set -euo pipefail
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fail() {
  echo "stages_test: $1" >&2
  cat "$work/out" >&2
  exit 1
}

# run_stages: runs the script on standard input with stages.sh; its output is in $work/out and its status in $status.
run_stages() {
  { printf 'set -euo pipefail\n. scripts/stages.sh\n'; cat; } >"$work/script"
  status=0
  bash "$work/script" >"$work/out" 2>&1 || status=$?
}

run_stages <<'E2'
stage good true
lane <<<'one: for i in 1 2 3; do echo one; sleep 0.1; done'
lane <<<'two: for i in 1 2 3; do echo two; sleep 0.1; done'
join_lanes
need_all
summary
E2
[ "$status" = 0 ] || fail "all stages pass, and the status is $status"
for lane in one two; do
  [ "$(grep -A2 -m1 "^$lane\$" "$work/out" | sort -u)" = "$lane" ] || fail "the lines of $lane are not together"
done

run_stages <<'E2'
stage bad false
stage after true
summary
E2
[ "$status" = 1 ] || fail "a stage fails, and the status is $status"
for row in 'FAILED  bad' 'ok      after'; do
  grep -q "$row" "$work/out" || fail "the table does not say '$row'"
done

# The first of two lanes dies: wait alone would give the status of the last.
# shellcheck disable=SC2016 # PPID is the lane's
run_stages <<'E2'
lane <<<'dies: kill -9 $PPID'
lane <<<'lives: true'
join_lanes
summary
E2
[ "$status" = 1 ] || fail "a lane is killed, and the status is $status"

# The process is a grandchild of the stage.
printf '#!/bin/sh\nsh -c "echo \\$\\$ >%s/pid; exec sleep 54321" & wait\n' "$work" >"$work/long"
chmod +x "$work/long"
for kind in "lane <<<'long: $work/long'; join_lanes" "stage long $work/long"; do
  rm -f "$work/pid"
  printf '. scripts/stages.sh\n%s\n' "$kind" >"$work/script"
  bash "$work/script" >"$work/out" 2>&1 &
  script=$!
  for _ in $(seq 300); do
    [ ! -s "$work/pid" ] || break
    sleep 0.1
  done
  child=$(cat "$work/pid")
  kill -TERM "$script"
  status=0
  wait "$script" || status=$?
  [ "$status" = 143 ] || fail "SIGTERM ends the run with status $status"
  for _ in $(seq 300); do
    kill -0 "$child" 2>/dev/null || break
    sleep 0.1
  done
  ! kill -9 "$child" 2>/dev/null || fail "SIGTERM leaves running what this started: $kind"
done
echo "stages_test: passed"
