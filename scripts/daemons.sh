# For tests that start daemons, which their trap on EXIT ends; read with `.`.
# shellcheck shell=bash
trap 'exit 130' INT
trap 'exit 143' TERM
trap 'exit 129' HUP

# within SECONDS COMMAND...: waits until the command succeeds.
within() {
  local end=$((SECONDS + $1))
  shift
  until "$@" >/dev/null 2>&1; do
    [ "$SECONDS" -lt "$end" ] || { echo "${0##*/}: given up waiting for: $*"; return 1; }
    sleep 0.1
  done
}
