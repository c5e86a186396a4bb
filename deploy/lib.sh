# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2015,SC2012
# Shared by deploy/demo, deploy/test and deploy/bench: packages, build, processes. To be sourced by bash with
# `set -euo pipefail`.
# Every failure is one line that says what to do.

root_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
build_dir=$root_dir/build/release

say() { printf '%s\n' "$*"; }
die() {
  printf '%s: %s\n' "${0##*/}" "$*" >&2
  exit 2
}

# --- packages ---

# What building needs. Boost carries its version in its name, which is another one in each Debian.
build_packages() {
  local boost
  case $(. /etc/os-release && echo "${VERSION_CODENAME:-}") in
    bookworm) boost=1.81 ;;
    *) boost=1.83 ;;
  esac
  echo g++ cmake ninja-build pkg-config gettext protobuf-compiler protobuf-compiler-grpc \
    libgrpc++-dev libprotobuf-dev libssl-dev "libboost$boost-dev" "libboost-locale$boost-dev" \
    libpq-dev libsqlite3-dev libcurl4-openssl-dev libicu-dev libspdlog-dev prometheus-cpp-dev \
    libcli11-dev libtomlplusplus-dev libsodium-dev libhiredis-dev libctemplate-dev libidn2-dev \
    libcrypt-dev liboath-dev libzxcvbn-dev libargon2-dev libgtest-dev libgmock-dev librapidcheck-dev libjs-bootstrap5
}

# What running the demonstration needs: real mail, the tellers' codes, words that are no passwords.
demo_packages() { echo python3 python3-aiosmtpd oathtool wamerican; }

# What running the tests needs beside that: real engines, a real browser, real mail.
test_packages() {
  echo "$(demo_packages) $(bench_packages)" postgresql redis-server chromium ca-certificates
}

# What the benchmarks need beside the build: the web server whose speed is the portal's limit.
bench_packages() { echo nginx-light; }

# Node.js with npm. Debian packs the two apart, others together.
install_node() {
  command -v node >/dev/null || install_packages nodejs
  command -v npm >/dev/null || install_packages npm
}

# The browser's drivers, exactly as package-lock.json has them, in the folder where this is called.
install_drivers() {
  if [[ -f node_modules/.package-lock.json && ! package-lock.json -nt node_modules/.package-lock.json ]]; then return; fi
  local log
  log=$(mktemp)
  npm ci --no-audit --no-fund --ignore-scripts >"$log" 2>&1 ||
    die "npm could not install the browser's drivers: $(grep -m 1 -i 'npm err' "$log") (all of it is in $log)"
  rm -f "$log"
  touch node_modules/.package-lock.json
}

has_package() { dpkg-query -W -f '${db:Status-Status}\n' "$1" 2>/dev/null | grep -qx installed; }

# install_packages NAME...: those that are missing, by apt.
install_packages() {
  local missing=() name as_root=()
  command -v apt-get >/dev/null || die "this is no Debian (no apt-get); install by hand: $*"
  for name in "$@"; do has_package "$name" || missing+=("$name"); done
  ((${#missing[@]})) || return 0
  if ((EUID != 0)); then
    command -v sudo >/dev/null || die "these packages are missing; as root: apt-get install ${missing[*]}"
    as_root=(sudo)
  fi
  say "installing by apt: ${missing[*]}"
  local log
  log=$(mktemp)
  if ! "${as_root[@]}" apt-get update -q >"$log" 2>&1 ||
    ! "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
      apt-get install -y -q --no-install-recommends "${missing[@]}" >>"$log" 2>&1; then
    grep -E '^E:' "$log" | head -n 3 >&2 || tail -n 3 "$log" >&2
    die "apt could not install these (all of it is in $log); try: apt-get install ${missing[*]}"
  fi
  rm -f "$log"
}

# --- disk and ports ---

# need_room FOLDER MIB: before work that would end half-done.
need_room() {
  local free
  mkdir -p "$1" 2>/dev/null || die "$1 cannot be made; check who may write there"
  free=$(df -Pm "$1" | awk 'NR == 2 {print $4}')
  ((free >= $2)) || die "only $free MiB are free at $1 and $2 are needed; make room there"
}

port_is_taken() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# need_port OPTION PORT
need_port() {
  [[ $2 =~ ^[0-9]+$ ]] && (($2 > 0 && $2 < 65536)) || die "$1 must be a port number, not \"$2\""
  ! port_is_taken "$2" || die "port $2 is taken by another program; stop that, or choose another with $1"
}

# hold_ports N: as many free ports in the list held_ports, which nobody else is given until this script ends. They are
# bound and never listened on: no outgoing connection gets such a port, and a server with SO_REUSEADDR may listen there.
hold_ports() {
  coproc port_holder {
    exec /usr/bin/python3 -c '
import signal, socket, sys
signal.signal(signal.SIGINT, signal.SIG_IGN)  # of the terminal: the script still needs them while it stops
held = [socket.socket() for _ in range(int(sys.argv[1]))]
for s in held:
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.bind(("127.0.0.1", 0))
print(*(s.getsockname()[1] for s in held), flush=True)
sys.stdin.read()' "$1"
  }
  read -ra held_ports <&"${port_holder[0]}" || die "this machine gives out no free ports; stop what uses so many"
}

# --- build ---

# build TARGET...: the release preset. Shows the compiler's progress on a terminal, and only the outcome elsewhere.
build() {
  local started=$SECONDS log=$root_dir/build/release.log
  if [[ ! -f $build_dir/build.ninja ]]; then
    need_room "$root_dir/build" 3000
    (cd "$root_dir" && cmake --preset release) >"$log" 2>&1 ||
      { grep -A 3 'CMake Error' "$log" | head -n 8 >&2; die "cmake could not prepare the build; all of it is in $log"; }
  fi
  if [[ -t 1 ]]; then
    NINJA_STATUS='building [%f/%t] ' ninja -C "$build_dir" "$@" || die "the build failed; the compiler's words stand above"
  elif say "building; what the compiler says goes to ${log#"$root_dir"/}"; ! ninja -C "$build_dir" "$@" >"$log" 2>&1; then
    grep -E 'error|FAILED|No space' "$log" | head -n 20 >&2
    die "the build failed; all of it is in $log"
  fi
  ((SECONDS - started < 3)) || say "built in $((SECONDS - started)) s"
}

# --- processes ---

child_pids=()
child_names=()

# start NAME LOG COMMAND...: in the background, remembered for stop_children.
start() {
  local name=$1 log=$2
  shift 2
  mkdir -p "${log%/*}"
  "$@" </dev/null >>"$log" 2>&1 &
  child_pids+=($!)
  child_names+=("$name")
}

# wait_until NAME LOG SECONDS COMMAND...: until COMMAND succeeds; dies when the program NAME ends or time is up.
wait_until() {
  local name=$1 log=$2 patience=$3 i deadline=$((SECONDS + $3))
  shift 3
  until "$@" >/dev/null 2>&1; do
    for i in "${!child_names[@]}"; do
      [[ ${child_names[i]} == "$name" ]] || continue
      kill -0 "${child_pids[i]}" 2>/dev/null || { tail -n 3 "$log" >&2; die "$name ended at once; all it said is in $log"; }
    done
    ((SECONDS < deadline)) || { tail -n 3 "$log" >&2; die "$name is not ready after $patience s; all it said is in $log"; }
    sleep 0.05
  done
}

# Ends what `start` started, newest first, by its process id, and waits for it.
stop_children() {
  local i pid
  for ((i = ${#child_pids[@]} - 1; i >= 0; i--)); do
    pid=${child_pids[i]}
    kill -TERM "$pid" 2>/dev/null || continue
    for _ in {1..100}; do
      kill -0 "$pid" 2>/dev/null || break
      sleep 0.05
    done
    kill -KILL "$pid" 2>/dev/null || true
    wait "$pid" 2>/dev/null || true
  done
  child_pids=()
  child_names=()
}
