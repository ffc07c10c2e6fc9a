# shellcheck shell=bash
# Configures and builds a preset of CMakePresets.json. ROOT is the checkout.

# A compiler takes up to about a gigabyte here: fewer at once on a small machine.
build_jobs() {
  local cores gigabytes
  cores=$(nproc)
  gigabytes=$(awk '/^MemAvailable/ { print int($2 / 1048576) }' /proc/meminfo)
  [ "$gigabytes" -ge 1 ] || gigabytes=1
  echo $((cores < gigabytes ? cores : gigabytes))
}

# configure LOG PRESET [OPTION...]: once; afterwards the build itself notices changes.
configure() {
  local log=$1 preset=$2
  shift 2
  [ ! -e "$ROOT/build/$preset/build.ninja" ] || return 0
  (cd "$ROOT" && logged "$log" "configuring $preset" cmake --preset "$preset" "$@")
}

# build LOG PRESET WHAT [TARGET...]
build() {
  local log=$1 preset=$2 what=$3 targets=()
  shift 3
  [ $# = 0 ] || targets=(--target "$@")
  logged "$log" "$what" cmake --build "$ROOT/build/$preset" -j "$(build_jobs)" "${targets[@]}"
}
