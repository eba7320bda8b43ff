#!/usr/bin/env bash
# Writes the output of `udml-gpu licenses`, which the binary embeds, into engine/licenses, or into the given folder:
#   project.txt   LICENSE and NOTICE, since a Go package embeds no file from above itself
#   modules.txt   the licence texts of Go's library and of every module in any build of the program (pure Go, and cgo with the CUDA
#                 backend; amd64 and arm64), each below a line "==== PATH VERSION (LICENCE)"
# Fails at a module without a licence file, and at a licence that requires more than its notice.
set -euo pipefail
shopt -s inherit_errexit # a go list that fails in $(modules) must not leave its modules out
cd "$(dirname "$0")/.."
go=${GO:-go}
out=${1:-engine/licenses}

# modules: PATH VERSION FOLDER, one a line, of all builds. The CUDA backend only adds modules to the build with cgo.
modules() {
  local arch cgo tags
  for arch in amd64 arm64; do
    for cgo in 0 1; do
      [ "$cgo" = 1 ] && tags="cuda" || tags=""
      GOFLAGS='' GOOS=linux GOARCH=$arch CGO_ENABLED=$cgo "$go" list -tags "$tags" -deps \
        -f '{{with .Module}}{{if not .Main}}{{.Path}} {{.Version}} {{.Dir}}{{end}}{{end}}' ./cmd/udml-gpu
    done
  done | sort -u
}

# kind_of FILE: the licence's SPDX name, from words that only this licence has.
kind_of() {
  local text
  text=$(tr -s '[:space:]' ' ' <"$1")
  case $text in
    *"Apache License Version 2.0"*) echo Apache-2.0 ;;
    *"Permission is hereby granted, free of charge, to any person obtaining a copy"*) echo MIT ;;
    *"Redistribution and use in source and binary forms"*"Neither the name"*) echo BSD-3-Clause ;;
    *"Redistribution and use in source and binary forms"*) echo BSD-2-Clause ;;
    *"Permission to use, copy, modify, and"*"distribute this software for any purpose"*) echo ISC ;;
    *) echo "notices: $1 is under a licence that scripts/notices.sh does not know; read it before the module is used" >&2; exit 1 ;;
  esac
}

# entry PATH VERSION FOLDER: the module's heading and texts.
entry() {
  local file files first kind
  files=$(find "$3" -maxdepth 1 -type f \( -iname 'licen[cs]e*' -o -iname 'copying*' -o -iname 'notice*' -o -iname 'patents*' \) | sort)
  first=$(grep -m1 -iE '/(licen[cs]e|copying)[^/]*$' <<<"$files" || true)
  [ -n "$first" ] || { echo "notices: $1 has no licence file" >&2; exit 1; }
  kind=$(kind_of "$first") # on its own line, because printf would hide its failure
  printf '==== %s %s (%s)\n' "$1" "$2" "$kind"
  while read -r file; do
    tr -d '\r' <"$file"
    printf '\n'
  done <<<"$files"
}

{
  # Without the version, which depends on the installed Go.
  printf '==== Go standard library (BSD-3-Clause)\n'
  cat engine/licenses/go.txt
  printf '\n'
  list=$(modules)
  while read -r path version folder; do entry "$path" "$version" "$folder"; done <<<"$list"
} >"$out/modules.txt.new"
mv "$out/modules.txt.new" "$out/modules.txt"
{ cat LICENSE; printf '\n'; cat NOTICE; } >"$out/project.txt"
