# shellcheck shell=bash
# What every script needs: it says what it does and how long that took, and shows the end of a log when something fails.

started_at=$SECONDS

say() { printf '%4ds  %s\n' $((SECONDS - started_at)) "$*"; }

fail() {
  printf '%s\n' "$*" >&2
  exit 1
}

# logged LOG WHAT COMMAND...: says WHAT, keeps the command's output in LOG, and shows its end when the command fails.
logged() {
  local log=$1 what=$2 from=$SECONDS
  shift 2
  say "$what"
  mkdir -p "$(dirname "$log")"
  if ! "$@" >>"$log" 2>&1 </dev/null; then
    printf '\n%s failed after %ds; the last lines of %s:\n' "$what" $((SECONDS - from)) "$log" >&2
    tail -n 20 "$log" >&2
    return 1
  fi
}

as_root() {
  if [ "$(id -u)" = 0 ]; then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    fail "this needs root, and there is no sudo: $*"
  fi
}

# Closes what a caller left open, so that a service we start holds nobody's pipe or lock.
close_handles() {
  local handle
  for handle in /proc/self/fd/*; do
    handle=${handle##*/}
    [ "$handle" -le 2 ] || [ "$handle" = 255 ] || eval "exec $handle>&-" # 255 is bash's own
  done
}

# When a living process began, in clock ticks: tells it from a later one with the same pid. Empty for the dead.
start_time_of() { sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | awk '$1 != "Z" { print $20 }'; }
