# The stages of run.sh, which sources this file.
# shellcheck shell=bash
# shellcheck disable=SC2154  # run.sh sets here, out, program, modes, scale, tests, jobs, limit

rehearsal() { [ "$scale" != 1 ]; }

stage_doctor() {
  local mode
  cp "$here/version.txt" "$out/"
  for mode in "${modes[@]}"; do
    in_mode "$mode" "$program" doctor --device cuda | tee "$out/doctor-$mode.txt" || fail "doctor ($mode)"
    in_mode "$mode" "$program" doctor --device cuda --json >"$out/doctor-$mode.json"
  done
}

fail() {
  failures=$((failures + 1))
  say "FAIL $*"
}

# stage_tests: every test program in its own folder, $jobs of them at a time. REQUIRE_CUDA makes tests fail, not skip, without a GPU. The
# device tests of each run, as listed from the sources; any that did not run are named at the end, and fail.
stage_tests() {
  local mode program_dir
  for mode in "${modes[@]}"; do
    : >"$out/tests-$mode.tsv"
    while read -r program_dir; do
      while [ "$(jobs -rp | wc -l)" -ge "$jobs" ]; do wait -n; done
      tests_of "$mode" "${program_dir#"$here/payload/"}" &
    done < <(find "$here/payload" -name gpu.test -printf '%h\n' | sort)
    wait
    failures=$((failures + $(grep -c FAIL "$out/tests-$mode.tsv")))
    hold_tests "$mode"
  done
}

# tests_of MODE PACKAGE: its tests, a line of the summary and a row of the table. It runs beside others, so stage_tests counts the failures.
tests_of() {
  local log=$out/tests-$1-${2//\//-}.log start=$SECONDS word=ok
  test_package "$1" "$2" >"$log" 2>&1 || word=FAIL
  say "${word/ok/ok  } $2 ($1, $((SECONDS - start)) s)"
  printf '%s\t%s\t%d\n' "$2" "$word" "$((SECONDS - start))" >>"$out/tests-$1.tsv"
}

# test_package MODE PACKAGE: its device tests, in the form of go test -json. In a subshell, because it changes the folder.
test_package() (
  names=$tests
  if [ -z "$names" ]; then names="^($(sed -n "s|^udml-gpu/$2 ||p" "$here/payload/device-tests.txt" | paste -sd'|'))\$"; fi
  cd "$here/payload/$2" || exit
  in_mode "$1" env REQUIRE_CUDA=1 "$here/payload/bin/test2json" -t -p "udml-gpu/$2" \
    ./gpu.test -test.v=test2json -test.run "$names" -test.timeout "$limit"
)

# hold_tests MODE: the output of failed tests, the skipped ones with their reasons, and how many of the device tests ran.
hold_tests() {
  local variant=gpu-$1 count=(-devices . -source "$here/payload/device-tests.txt")
  if rehearsal; then variant=rehearsal; fi
  if [ -n "$tests" ]; then count=(); fi
  cat "$out/tests-$1-"*.log | "$here/payload/bin/testrun" -read -variant "$variant" "${count[@]}" >"$out/tests-$1.txt" 2>&1 ||
    fail "tests ($1), as said in $out/tests-$1.txt"
  tee -a "$out/summary.txt" <"$out/tests-$1.txt"
}

# stage_determinism: two runs with the same settings must leave the same bytes.
stage_determinism() {
  local mode run what=(--demo --channels 1 --invert --epochs 2 --batch 16)
  # The presets of the demo are for 3,200 images; these are a few dozen.
  if rehearsal; then what=(--data "$here/payload/testdata/images" --max-bad 100 --epochs 1 --batch 16 --size 16); fi
  for mode in "${modes[@]}"; do
    for run in 1 2; do
      rm -rf "$out/run-$mode-$run"
      in_mode "$mode" "$program" train "${what[@]}" --backbone conv4 --clusters 16 --device cuda \
          --out "$out/run-$mode-$run" --json >"$out/train-$mode-$run.json" 2>"$out/train-$mode-$run.log" ||
          fail "train ($mode, run $run): $(tail -1 "$out/train-$mode-$run.log")"
    done
    if same_checkpoints "$out/run-$mode-1" "$out/run-$mode-2"; then
      say "ok   two runs left the same bytes ($mode)"
    else
      fail "two runs differ ($mode)"
    fi
  done
}

same_checkpoints() {
  local file
  for file in model optimizer; do
    cmp "$1/checkpoints/last/$file.safetensors" "$2/checkpoints/last/$file.safetensors" || return 1
  done
  cmp "$1/metrics.jsonl" "$2/metrics.jsonl"
}

# The training steps to time, ours and PyTorch's: BACKBONE METHOD SIZE BATCH STEPS.
steps() {
  if rehearsal; then
    printf '%s 2 1\n' "squeezenet cbswr 24" "vit:dim=16,depth=1,heads=1,patch=4,grid=4 cbs 16"
    return
  fi
  printf '%s 224 64 5\n' "googlenet cbs" "resnet50 cbswr" "vit_small_patch16 cbs" "convnext_tiny cbs" "squeezenet cbswr" "googlenet cbswr"
}

# Each stage that measures ends within this many seconds: what is not done by then is left out, and said.
BUDGET=300
if rehearsal; then BUDGET=3600; fi # the emulated device is slow

# begin_budget: the stage's time begins.
begin_budget() { ends=$((SECONDS + BUDGET)); }

# each_precision NAME WHAT: `bench --what WHAT` in every mode and precision, as results NAME-*.
each_precision() {
  local mode precision
  begin_budget
  for mode in "${modes[@]}"; do
    for precision in fp32 tf32 bf16; do
      measure "$1-$mode-$precision" in_mode "$mode" "$program" bench --what "$2" --device cuda --precision "$precision" --kernel-scale "$scale"
    done
  done
}

# stage_probe: the card, its ceilings, and the occupancy of search and clustering.
stage_probe() { each_precision probe probe; }

# stage_bench: our kernels, and those of the libraries beside them.
stage_bench() { each_precision kernels kernels; }

# stage_steps and stage_steps_libraries: training steps with our own kernels, and with the libraries that were found. Each is timed op by op
# and as a CUDA graph.
stage_steps() { steps_in own; }

stage_steps_libraries() {
  if [ "${#modes[@]}" = 1 ]; then
    say "left out: steps with libraries, since there are none"
    return
  fi
  steps_in libraries
}

steps_in() {
  local mode=$1 precision backbone method size batch steps
  begin_budget
  while read -r backbone method size batch steps; do
    for precision in fp32 bf16; do
      measure "train-$mode-$precision-${backbone%%:*}-$method" in_mode "$mode" "$program" bench --what train --device cuda \
        --precision "$precision" --backbone "$backbone" --method "$method" --size "$size" --batch "$batch" --steps "$steps" \
        --pretrained=false --optimizer sgd
    done
  done < <(steps)
}

# measure NAME in_mode MODE COMMAND...: one JSON document to NAME.json, within what is left of the stage's time.
measure() {
  local name=$1 left=$((ends - SECONDS))
  shift
  if [ "$left" -lt 1 ]; then
    say "left out: $name, since the stage has had its $BUDGET s"
    return
  fi
  if "${@:1:2}" timeout "$left" "${@:3}" --json >"$out/$name.json" 2>"$out/$name.log" </dev/null; then
    say "ok   $name"
  else
    fail "$name, in at most $left s: $(tail -1 "$out/$name.log")"
    rm -f "$out/$name.json"
  fi
}

# stage_torch: the same work in PyTorch, if it is installed and has a GPU.
stage_torch() {
  local precision backbone method size batch steps
  if ! python3 -c 'import sys, torch; sys.exit(not torch.cuda.is_available())' 2>"$out/torch.log"; then
    say "left out: python3 has no PyTorch with a GPU"
    return
  fi
  for precision in fp32 tf32 bf16; do
    peer "torch-kernels-$precision" --what kernels --precision "$precision" --kernel-scale "$scale"
    while read -r backbone method size batch steps; do
      case $backbone in *:*) continue ;; esac # the network of a rehearsal, which bench_torch_nets.py lacks
      peer "torch-train-$precision-$backbone-$method" --what train --precision "$precision" --backbone "$backbone" --method "$method" \
        --size "$size" --batch "$batch" --steps "$steps"
    done < <(steps)
  done
}

peer() {
  local name=$1
  shift
  if PYTHONPATH=$here/peers python3 -B "$here/bench_torch.py" "$@" >"$out/$name.json" 2>"$out/$name.log" </dev/null; then
    say "ok   $name"
  else
    say "PyTorch failed, which is not counted: $name: $(tail -1 "$out/$name.log")"
    rm -f "$out/$name.json"
  fi
}

stage_report() {
  if ! command -v python3 >/dev/null; then
    say "left out: without python3 the results stay in the JSON files of $out"
    return
  fi
  python3 -B "$here/report.py" "$out" || fail "report"
}
