#!/bin/sh
# Writes what belongs beside the program into FOLDER/share: man pages, and completion for bash, zsh and fish where these look for it.
#   share.sh PROGRAM FOLDER
set -eu
umask 022
program=$1
share=$2/share
mkdir -p "$share/bash-completion/completions" "$share/zsh/site-functions" "$share/fish/vendor_completions.d" "$share/man"
"$program" man --out "$share/man/man1" >/dev/null
"$program" completion bash >"$share/bash-completion/completions/udml-gpu"
"$program" completion zsh >"$share/zsh/site-functions/_udml-gpu"
"$program" completion fish >"$share/fish/vendor_completions.d/udml-gpu.fish"
