#!/bin/sh
# The tests that drive the page of serve in Chromium. axe-core, which checks the page for readers of the screen and for contrast, comes in a
# package from PyPI, pinned, into build/browser.
set -eu
cd "$(dirname "$0")/.."
go=${GO:-go}
python=${PYTHON:-python3}
into=$PWD/build/browser
list=scripts/browser_requirements.txt

command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null || {
  echo "test-browser: there is no Chromium: apt-get install chromium fonts-dejavu-core" >&2
  exit 1
}
if ! cmp -s "$list" "$into/requirements.txt"; then
  rm -rf "$into"
  mkdir -p "$into"
  "$python" -m pip download --quiet --disable-pip-version-check --no-deps --only-binary :all: --require-hashes --dest "$into" -r "$list"
  "$python" -m zipfile -e "$into"/axe_playwright_python-*.whl "$into"
  cp "$list" "$into/requirements.txt"
fi
UDML_AXE=$into/axe_playwright_python/axe.min.js "$go" test -count=1 -tags browser -timeout 20m "$@" ./engine/serve/browsertest
