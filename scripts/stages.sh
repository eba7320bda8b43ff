# shellcheck shell=bash
# Sourced by .ci/run: runs named stages, some side by side, and tells at the end how long each took.
#   stage NAME COMMAND...      runs it now; its output is printed as it comes
#   lane NAME < LIST           runs the lines "NAME: COMMAND" of LIST one after the other in the background; each one's output is printed when it ends
#   join_lanes                 waits for all lanes
#   summary                    prints the table; returns 1 if a stage failed
# A stage that fails does not stop the others, so that one run shows all that is wrong; `need_all` stops there when one has failed.
times=$(mktemp -d)
lanes=()

# timed NAME COMMAND...: leaves seconds and exit status in $times/NAME.
timed() {
  local name=$1 start status=0
  shift
  start=$(date +%s)
  "$@" || status=$?
  printf '%s %s %s\n' "$(($(date +%s) - start))" "$status" "$name" >"$times/$(date +%s%N).$BASHPID"
  return "$status"
}

stage() {
  local name=$1
  shift
  printf '\n== %s (%ss)\n' "$name" "$SECONDS"
  timed "$name" "$@" || true
}

outcome() { if [ "$1" = 0 ]; then echo "passed"; else echo "FAILED with status $1"; fi; }

# whole_stage NAME COMMAND: as stage, with the output kept together.
whole_stage() {
  local log status=0
  log=$(mktemp)
  timed "$1" bash -c "$2" >"$log" 2>&1 </dev/null || status=$?
  # One write, so that lanes do not mix their lines; flock where two end at once.
  {
    flock 9
    printf '\n== %s: %s (%ss)\n' "$1" "$(outcome "$status")" "$SECONDS"
    cat "$log"
  } 9>"$times.lock"
  rm -f "$log"
}

lane() {
  local list name command
  list=$(cat)
  (
    while IFS= read -r line; do
      [ -n "$line" ] || continue
      name=${line%%: *}
      command=${line#*: }
      whole_stage "$name" "$command"
    done <<<"$list"
  ) &
  lanes+=($!)
}

join_lanes() {
  wait "${lanes[@]}"
  lanes=()
}

failed() { cat "$times"/* 2>/dev/null | awk '$2 != 0 { print; found = 1 } END { exit !found }' >/dev/null; }

need_all() {
  if failed; then summary || exit 1; fi
}

summary() {
  printf '\n== stages (%ss in all)\n' "$SECONDS"
  cat "$times"/* | awk '{ t = $1; s = $2; sub(/^[0-9]+ [0-9]+ /, ""); printf "%6ds  %-6s  %s\n", t, s == 0 ? "ok" : "FAILED", $0 }'
  ! failed
}
