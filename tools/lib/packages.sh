# shellcheck shell=bash
# shellcheck disable=SC2034 # the lists are for those who source this
# Installs the Debian packages that are missing, and only those.

build_packages=(
  g++ cmake ninja-build mold libcaf-dev libboost1.81-dev libpq-dev libsimdjson-dev libssl-dev libspdlog-dev
  libcli11-dev libtomlplusplus-dev libyaml-cpp-dev libjemalloc-dev libsodium-dev libicu-dev libcurl4-openssl-dev
  libcmark-gfm-dev libcmark-gfm-extensions-dev libhpdf-dev fonts-dejavu-core
  curl jq ca-certificates procps
)
test_packages=(libgtest-dev libgmock-dev librapidcheck-dev chromium) # chromium: of the pages, in a real browser
check_packages=(clang-format clang-tidy shellcheck)
fuzz_packages=(clang-16 libclang-rt-16-dev llvm-16) # of tools/fuzz: clang 14 does not compile our ranges

# install_packages LOG PACKAGE...
install_packages() {
  local log=$1 missing=() name
  shift
  for name in "$@"; do
    is_installed "$name" || missing+=("$name")
  done
  has_postgres_server || missing+=(postgresql-15)
  [ ${#missing[@]} != 0 ] || return 0
  keep_default_cluster_away
  logged "$log" "installing ${#missing[@]} packages: ${missing[*]}" apt_install "${missing[@]}"
}

is_installed() { [ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }

has_postgres_server() { compgen -G '/usr/lib/postgresql/*/bin/postgres' >/dev/null; }

# Debian's package would make and start a server on port 5432 that nobody asked for.
keep_default_cluster_away() {
  local file=/etc/postgresql-common/createcluster.conf
  [ ! -e "$file" ] || return 0
  as_root mkdir -p "$(dirname "$file")"
  echo 'create_main_cluster = false' | as_root tee "$file" >/dev/null
}

# The package lists are read anew only when they are missing or too old for what they name.
apt_install() {
  compgen -G '/var/lib/apt/lists/*_Packages*' >/dev/null && apt_get install "$@" && return 0
  apt_get update && apt_get install "$@"
}

apt_get() {
  local verb=$1
  shift
  as_root env DEBIAN_FRONTEND=noninteractive UCF_FORCE_CONFFOLD=1 apt-get "$verb" -y -q -o DPkg::Lock::Timeout=300 \
    -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold --no-install-recommends "$@"
}
