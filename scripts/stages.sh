# shellcheck shell=bash
# Sourced by .ci/run: runs named stages, some concurrently, and prints at the end how long each took.
#   stage NAME COMMAND...      runs it now; its output is printed as it arrives
#   lane < LIST                runs the lines "NAME: COMMAND" of LIST one after the other in the background, and prints each one's
#                              output when it ends
#   join_lanes                 waits for all lanes
#   summary                    prints the table; returns 1 if a stage failed
# A failed stage does not stop the others, so that one run shows all faults; `need_all` stops there when one has failed.
# An interrupt ends everything started by the stages. Stages read nothing from standard input.
stages=$(mktemp -d)
mkdir "$stages/times" "$stages/logs"
lanes=()
now=
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
trap 'exit 129' HUP

# clean_up ends what still runs. Each stage and lane is a process group, because ending a shell does not end its children.
clean_up() {
  local group
  for group in $now "${lanes[@]}"; do kill -TERM -- "-$group" 2>/dev/null || true; done
  rm -rf "$stages"
}

# grouped COMMAND...: runs it in the background in its own process group, whose number is then in $!.
grouped() {
  set -m
  "$@" &
  set +m
}

record() { printf '%s %s %s\n' "$1" "$2" "$3" >"$stages/times/$(date +%s%N).$BASHPID"; }

# timed NAME COMMAND...: writes seconds, exit status and name to $stages/times.
timed() {
  local name=$1 start status=0
  shift
  start=$(date +%s)
  "$@" || status=$?
  record "$(($(date +%s) - start))" "$status" "$name"
  return "$status"
}

# awaited COMMAND...: runs it so that signals are handled at once; a shell that waits for a foreground command handles none.
awaited() {
  local status=0
  grouped "$@" </dev/null
  now=$!
  wait "$now" || status=$?
  now=
  return "$status"
}

stage() {
  local name=$1
  shift
  printf '\n== %s (%ss)\n' "$name" "$SECONDS"
  timed "$name" awaited "$@" || true
}

outcome() { if [ "$1" = 0 ]; then echo "passed"; else echo "FAILED with status $1"; fi; }

# whole_stage NAME COMMAND: like stage, with the output kept together.
whole_stage() {
  local log status=0
  log=$stages/logs/$BASHPID
  timed "$1" bash -c "$2" >"$log" 2>&1 </dev/null || status=$?
  # One at a time, so that lines of lanes are not mixed.
  {
    flock 9
    printf '\n== %s: %s (%ss)\n' "$1" "$(outcome "$status")" "$SECONDS"
    cat "$log"
  } 9>"$stages/lock"
}

lane() {
  local list
  list=$(cat)
  grouped run_lane "$list"
  lanes+=($!)
}

run_lane() {
  local line
  trap - EXIT INT TERM HUP # the traps are for the whole run
  while IFS= read -r line; do
    [ -z "$line" ] || whole_stage "${line%%: *}" "${line#*: }"
  done <<<"$1"
}

# join_lanes: a lane that ended early has left stages out, which is a failure too.
join_lanes() {
  local one status
  for one in "${lanes[@]}"; do
    status=0
    wait "$one" || status=$?
    [ "$status" = 0 ] || record 0 "$status" "the rest of a lane: it ended with status $status"
  done
  lanes=()
}

failed() { cat "$stages"/times/* 2>/dev/null | awk '$2 != 0 { found = 1 } END { exit !found }'; }

need_all() {
  if failed; then summary || exit 1; fi
}

summary() {
  printf '\n== stages (%ss in all)\n' "$SECONDS"
  cat "$stages"/times/* | awk '{ t = $1; s = $2; sub(/^[0-9]+ [0-9]+ /, ""); printf "%6ds  %-6s  %s\n", t, s == 0 ? "ok" : "FAILED", $0 }'
  ! failed
}
