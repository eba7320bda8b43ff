#!/usr/bin/env bash
# s3:// against a real server, versitygw, which speaks S3 over a folder: training from a prefix, a tar, a zip and a WebDataset has to give the
# bytes of the same images in a folder, also through a network that spoils requests; a run that is killed goes on from its mirror on an empty disk
# to the bytes of one that nobody disturbed; a second run is kept away; a converted collection, and one that embed sent, are read back by pyarrow's own S3 client.
# The server is built once into build/s3 and runs on a free port, and nothing of it is left.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/daemons.sh
go=${GO:-go}
python=${PYTHON:-python3}
version=v1.8.0
home=$PWD/build/s3
s3=$PWD/scripts/s3.py

mkdir -p "$home/bin"
if [ "$(cat "$home/version.txt" 2>/dev/null)" != "$version" ]; then
  GOBIN=$home/bin GOFLAGS='' "$go" install "github.com/versity/versitygw/cmd/versitygw@$version"
  echo "$version" >"$home/version.txt"
fi
pyarrow=$(grep '^pyarrow==' scripts/file_checks/requirements.txt)
if [ "$(cat "$home/venv/pyarrow.txt" 2>/dev/null)" != "$pyarrow" ]; then
  rm -rf "$home/venv"
  "$python" -m venv "$home/venv"
  "$home/venv/bin/python" -m pip install --quiet --disable-pip-version-check --only-binary :all: "$pyarrow"
  echo "$pyarrow" >"$home/venv/pyarrow.txt"
fi
"$go" build -o "$home/bin/udml-gpu" ./cmd/udml-gpu

work=$(mktemp -d "$home/run.XXXXXX")
"$python" scripts/s3_images.py "$work"
cd "$work"
export PATH=$home/bin:$PATH PYTHONDONTWRITEBYTECODE=1

started=()
end_all() {
  local status=$? i
  trap '' INT TERM HUP
  [ "$status" = 0 ] || tail -n 20 "$work"/*.txt 2>/dev/null || true
  for i in "${started[@]}"; do kill -KILL "$i" 2>/dev/null || true; done
  wait 2>/dev/null
  cd "$home"
  rm -rf "$work"
}
trap end_all EXIT

# fails CODE TEXT COMMAND...: the command ends with that code, and its last line has that text.
fails() {
  local code=$1 text=$2 got=0
  shift 2
  "$@" >failing.txt 2>&1 || got=$?
  [ "$got" = "$code" ] || { echo "test-s3: code $got instead of $code of: $*"; return 1; }
  tail -n 1 failing.txt | grep -qF -- "$text" || { echo "test-s3: the last line lacks '$text' of: $*"; return 1; }
  ! grep -q "$AWS_SECRET_ACCESS_KEY" failing.txt || { echo "test-s3: a secret is printed"; return 1; }
}

ports=$("$python" -c 'import socket
s = [socket.socket() for _ in range(2)]
for x in s: x.bind(("127.0.0.1", 0))
print(*[x.getsockname()[1] for x in s])')
port=${ports% *} bad=${ports#* }
export AWS_ENDPOINT_URL=http://127.0.0.1:$port AWS_ACCESS_KEY_ID=udml AWS_SECRET_ACCESS_KEY=not-for-the-log AWS_REGION=us-east-1
unset AWS_ENDPOINT_URL_S3 AWS_PROFILE AWS_SESSION_TOKEN
mkdir store meta
start_server() {
  ROOT_ACCESS_KEY=$AWS_ACCESS_KEY_ID ROOT_SECRET_KEY=$AWS_SECRET_ACCESS_KEY versitygw --port "127.0.0.1:$port" --keep-alive --quiet \
    --access-log "$work/access.log" posix --sidecar "$work/meta" "$work/store" >server.txt 2>&1 &
  server=$!
  started+=("$server")
  within 20 "$python" -c "import socket; socket.create_connection(('127.0.0.1', $port))"
}
start_server
"$python" "$s3" bucket s3://data
"$python" "$s3" tree photos s3://data/photos
"$python" "$s3" tree shards s3://data/shards
"$python" "$s3" put photos.tar s3://data/photos.tar
"$python" "$s3" put photos.zip s3://data/photos.zip
echo "test-s3: versitygw $version runs and has the images after ${SECONDS}s"

export GOMAXPROCS=2
settings=(--backbone conv4 --channels 1 --invert --size 28 --batch 40 --clusters 8 --epochs 1 --eval-every 0 --device cpu)
train() { udml-gpu train "${settings[@]}" "$@"; }

# same RUN OTHER: the two have the same model, moments and metrics, and were trained on the same images and labels.
same() {
  local file
  for file in checkpoints/last/model.safetensors checkpoints/last/optimizer.safetensors metrics.jsonl; do
    cmp "$1/$file" "$2/$file"
  done
  [ "$(grep '"data":' "$1/checkpoints/last/state.json")" = "$(grep '"data":' "$2/checkpoints/last/state.json")" ] ||
    { echo "test-s3: $1 and $2 were trained on other images"; return 1; }
}

train --data photos --out local >local.txt 2>&1
for where in photos/ photos.tar photos.zip; do
  name=from-${where%/}
  train --data "s3://data/$where" --out "$name" --cache cache >"$name.txt" 2>&1
  same local "$name"
done
train --data csv:members/list.csv --out members-run >members.txt 2>&1
for where in s3://data/shards/ 's3://data/shards/{train,test}-{0..1}.tar' wds:shards; do
  rm -rf from-shards
  train --data "$where" --out from-shards --cache cache >shards.txt 2>&1
  same members-run from-shards
done
echo "test-s3: a prefix, a tar, a zip and shards train to the bytes of their folders after ${SECONDS}s"

# The second start takes images and indices from the cache: of four tars it asks what is there, and for the first block of each.
before=$(grep -c s3_GetObject access.log)
udml-gpu train "${settings[@]}" --data s3://data/shards/ --out again --cache cache >again.txt 2>&1
asked=$(($(grep -c s3_GetObject access.log) - before))
[ "$asked" -le 4 ] || { echo "test-s3: the second start read $asked times"; exit 1; }
same members-run again

# Requests that fail in passing change nothing; those that fail for good are one sentence.
through() {
  local proxy
  "$python" "$s3" proxy "$bad" "${@:2}" &
  proxy=$!
  started+=("$proxy")
  within 20 "$python" -c "import socket; socket.create_connection(('127.0.0.1', $bad))"
  AWS_ENDPOINT_URL=http://127.0.0.1:$bad UDML_S3_TIMEOUT=1 $1
  kill "$proxy"
  wait "$proxy" 2>/dev/null || true
}
passing() {
  rm -rf spoiled
  train --data s3://data/photos/ --out spoiled >spoiled.txt 2>&1
  same local spoiled
}
through passing GET:2:503 GET:3:503 GET:4:503 GET:9:cut GET:11:reset GET:14:stall list-type:1:cut
down() { fails 3 's3://data/photos/train/' train --data s3://data/photos/ --out gone; }
through down .png:all:503
slow() { fails 3 'the transfer stalled' train --data s3://data/photos.zip --out gone; }
through slow photos.zip:all:stall
cut() { fails 3 'the transfer was cut off; tried 6 times' train --data s3://data/photos.tar --out gone; }
through cut photos.tar:all:cut
fails 3 'there are no objects below s3://data/none/' train --data s3://data/none --out gone
fails 3 'there is no bucket nothing' train --data s3://nothing/photos/ --out gone
AWS_SECRET_ACCESS_KEY=another fails 3 'check AWS_ACCESS_KEY_ID' train --data s3://data/photos/ --out gone
head -c 60000 photos.tar >cut.tar
"$python" "$s3" put cut.tar s3://data/cut.tar
fails 3 's3://data/cut.tar is damaged' train --data s3://data/cut.tar --out gone
echo "test-s3: requests that fail are tried again, then refused, after ${SECONDS}s"

# A run that is killed on one machine goes on on another.
export UDML_MIRROR_LEASE=3
settings=(--data s3://data/photos.tar --cache cache --backbone conv4 --channels 1 --invert --size 28 --batch 40 --clusters 8 --epochs 40 --eval-every 0
  --labels none --device cpu --checkpoint-steps 1)
udml-gpu train "${settings[@]}" --out whole >whole.txt 2>&1 &
whole=$!
udml-gpu train "${settings[@]}" --out lost --mirror s3://data/runs/a >lost.txt 2>&1 &
lost=$!
started+=("$whole" "$lost")
# Only the last checkpoints are there: a slow machine may look when the run is well past its first steps.
# The list is read to its end: a reader that stops early ends the writer by SIGPIPE, which pipefail takes for a failure.
copied() { grep -qE '0000(0[2-9]|[1-6][0-9])-.*MANIFEST' <<<"$("$python" "$s3" list s3://data/runs/a/checkpoints/)"; }
within 60 copied
fails 3 "s3://data/runs/a is in use by process $lost on " train --out second --mirror s3://data/runs/a --resume-if-any
kill -KILL "$lost"
wait "$lost" 2>/dev/null || true
rm -rf lost
train --out moved --mirror s3://data/runs/a --resume-if-any >moved.txt 2>&1
grep -q '"epoch_step":[0-9]*,.*resumed after' moved.txt || { echo "test-s3: the run was not resumed"; exit 1; }
wait "$whole"
same whole moved
udml-gpu train --resume s3://data/runs/a --out third >third.txt 2>&1 # finished: it is fetched, and its result printed
same whole third
cmp moved/config.yaml third/config.yaml
! grep -rq "$AWS_SECRET_ACCESS_KEY" moved || { echo "test-s3: a secret is in the run directory"; exit 1; }
fails 2 'already holds a run' train --out fourth --mirror s3://data/runs/a
echo "test-s3: a run killed on one disk ended on another with the bytes of an undisturbed one after ${SECONDS}s"

udml-gpu embed --data s3://data/photos/ --split test --run moved --out photos.udml >embed.txt 2>&1
udml-gpu convert photos.udml --to parquet --out s3://data/out/photos.parquet >convert.txt 2>&1
udml-gpu convert photos.udml --to parquet --out photos.parquet >>convert.txt 2>&1
"$home/venv/bin/python" - "127.0.0.1:$port" <<'PY'
import sys
from pyarrow import fs, parquet
store = fs.S3FileSystem(endpoint_override=sys.argv[1], scheme="http", region="us-east-1")
there, here = parquet.read_table("data/out/photos.parquet", filesystem=store), parquet.read_table("photos.parquet")
assert there.equals(here) and there.num_rows == 80, (there.num_rows, here.num_rows)
PY
# embed writes there too: the objects of a collection are the files of a local one, and the one that was sent is read from a copy.
embed() { TMPDIR=$work/tmp udml-gpu embed --data s3://data/photos/ --split test --run moved "$@"; }
mkdir tmp
for name in photos.udml photos.parquet photos.safetensors; do embed --ranks 2 --out "s3://data/embedded/$name" >"embed-$name.txt" 2>&1; done
[ -z "$(ls tmp)" ] || { echo "test-s3: embed left $(ls tmp)"; exit 1; }
embed --out photos.safetensors >embed-here.txt 2>&1
"$python" "$s3" copy s3://data/embedded/photos.udml copy.udml
"$python" "$s3" get s3://data/embedded/photos.safetensors >there.safetensors
cmp photos.safetensors there.safetensors
udml-gpu convert copy.udml --to parquet --out copy.parquet >copy.txt 2>&1
"$home/venv/bin/python" - "127.0.0.1:$port" <<'PY'
import sys
from pyarrow import fs, parquet
store = fs.S3FileSystem(endpoint_override=sys.argv[1], scheme="http", region="us-east-1")
there, here, copy = (parquet.read_table("data/embedded/photos.parquet", filesystem=store), parquet.read_table("photos.parquet"),
                     parquet.read_table("copy.parquet"))
assert there.equals(here) and copy.equals(here), (there.num_rows, copy.num_rows, here.num_rows)
PY
fails 2 'already holds a collection' embed --out s3://data/embedded/photos.udml
kill "$server"
wait "$server" 2>/dev/null || true
fails 3 'connection refused; tried 6 times' embed --out s3://data/embedded/other.udml
fails 3 'connection refused; tried 6 times' udml-gpu convert photos.udml --to parquet --out s3://data/out/other.parquet
echo "test-s3: a collection written to the store is what pyarrow reads there, all after ${SECONDS}s"
