# shellcheck shell=bash
# Sourced by .ci/run: runs named stages, some side by side, and tells at the end how long each took.
#   stage NAME COMMAND...      runs it now; its output is printed as it comes
#   lane < LIST                runs the lines "NAME: COMMAND" of LIST one after the other in the background, and prints each one's
#                              output when it ends
#   join_lanes                 waits for all lanes
#   summary                    prints the table; returns 1 if a stage failed
# A stage that fails does not stop the others, so that one run shows all that is wrong; `need_all` stops there when one has failed.
# An interrupt ends everything that the stages have started. Stages read nothing from standard input.
stages=$(mktemp -d)
mkdir "$stages/times" "$stages/logs"
lanes=()
now=
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
trap 'exit 129' HUP

# clean_up ends what still runs. Each stage and lane is a process group, since ending a shell alone leaves what it started.
clean_up() {
  local group
  for group in $now "${lanes[@]}"; do kill -TERM -- "-$group" 2>/dev/null || true; done
  rm -rf "$stages"
}

# grouped COMMAND...: runs it in the background as a process group of its own, whose number is then in $!.
grouped() {
  set -m
  "$@" &
  set +m
}

record() { printf '%s %s %s\n' "$1" "$2" "$3" >"$stages/times/$(date +%s%N).$BASHPID"; }

# timed NAME COMMAND...: leaves seconds, exit status and name in $stages/times.
timed() {
  local name=$1 start status=0
  shift
  start=$(date +%s)
  "$@" || status=$?
  record "$(($(date +%s) - start))" "$status" "$name"
  return "$status"
}

# awaited COMMAND...: runs it where a signal is acted on at once; a shell that waits for a command in the foreground hears none.
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

# whole_stage NAME COMMAND: as stage, with the output kept together.
whole_stage() {
  local log status=0
  log=$stages/logs/$BASHPID
  timed "$1" bash -c "$2" >"$log" 2>&1 </dev/null || status=$?
  # One at a time, so that lanes do not mix their lines.
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
  trap - EXIT INT TERM HUP # they are the whole run's
  while IFS= read -r line; do
    [ -z "$line" ] || whole_stage "${line%%: *}" "${line#*: }"
  done <<<"$1"
}

# join_lanes: a lane that ends before its time has left stages out, which is a failure too.
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
