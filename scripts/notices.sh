#!/usr/bin/env bash
# Writes what `udml-gpu licenses` prints from the binary into engine/licenses, or into the folder that is given:
#   project.txt   LICENSE and NOTICE, since a Go package embeds no file from above itself
#   modules.txt   the licence texts of Go's library and of every module that any build of the program holds (pure Go, and cgo with the CUDA backend; amd64
#                 and arm64), each below a line "==== PATH VERSION (LICENCE)"
# Stops at a module without a licence file, and at a licence other than those that ask for no more than their notice.
set -euo pipefail
shopt -s inherit_errexit # a go list that fails in $(modules) must not leave its modules out
cd "$(dirname "$0")/.."
go=${GO:-go}
out=${1:-engine/licenses}

# modules: PATH VERSION FOLDER, one a line, of all builds. The CUDA backend adds to the build with cgo and takes nothing away.
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

# kind_of FILE: the licence's SPDX name, from the words that only it has.
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
  kind=$(kind_of "$first") # apart, since printf would go on without it
  printf '==== %s %s (%s)\n' "$1" "$2" "$kind"
  while read -r file; do
    tr -d '\r' <"$file"
    printf '\n'
  done <<<"$files"
}

{
  # Without the version, which is that of whoever builds.
  printf '==== Go standard library (BSD-3-Clause)\n'
  cat engine/licenses/go.txt
  printf '\n'
  list=$(modules)
  while read -r path version folder; do entry "$path" "$version" "$folder"; done <<<"$list"
} >"$out/modules.txt.new"
mv "$out/modules.txt.new" "$out/modules.txt"
{ cat LICENSE; printf '\n'; cat NOTICE; } >"$out/project.txt"
