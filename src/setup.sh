# What ./run, ./test and ./bench need before they can begin. To be sourced, with $root set to the repository.
# Everything here may be done again, by several at the same time, and says nothing when there is nothing to do.

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DOTNET_SKIP_FIRST_TIME_EXPERIENCE=1 NUGET_XMLDOC_MODE=skip

say() { printf '%s\n' "$*" >&2; }

fail() {
  say "$(basename -- "$0"): $*"
  exit 1
}

# One at a time, also between ./run and ./test of one clone: installing and building are not made for company.
# The lock goes with the subshell that holds it.
locked() {
  mkdir -p "$root/artifacts"
  (
    flock 9
    "$@" 9>&-
  ) 9>"$root/artifacts/.lock"
}

# install NAME PACKAGE...: Debian packages, when they may be installed; NAME is for the message when they may not.
install() {
  local name=$1 as_root=()
  shift
  if ((EUID != 0)); then
    as_root=(sudo -n)
    if ! command -v sudo >/dev/null || ! sudo -n true 2>/dev/null; then
      fail "$name is missing; install it with: sudo apt-get install $*"
    fi
  fi
  command -v apt-get >/dev/null || fail "$name is missing, and there is no apt-get to install it with; install $*"
  say "Installing $name ($*) ..."
  local log
  log=$(mktemp)
  if ! "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive bash -c '
      apt-get update -q && apt-get install -q -y --no-install-recommends -o DPkg::Lock::Timeout=300 "$@"' - "$@" >"$log" 2>&1 </dev/null; then
    tail -n 5 "$log" >&2
    rm -f "$log"
    fail "$name could not be installed; try: apt-get install $*"
  fi
  rm -f "$log"
}

need_dotnet() {
  command -v dotnet >/dev/null || fail "the .NET SDK of global.json is missing; install it from https://dot.net"
  # In the repository, since global.json decides which one it is to be.
  (cd "$root" && dotnet --version) >/dev/null 2>&1 ||
    fail "no installed .NET SDK fits global.json ($(tr -d '\n' <"$root/global.json")); install it from https://dot.net"
}

# The server programs of Postgres 15 or newer.
has_postgres() {
  local server version
  for server in /usr/lib/postgresql/*/bin/postgres $(type -aP postgres); do
    if [[ -x $server ]]; then
      version=$("$server" --version 2>/dev/null | grep -oE '[0-9]+' | head -n 1)
      if ((${version:-0} >= 15)); then
        return 0
      fi
    fi
  done
  return 1
}

install_postgres() {
  if ! has_postgres; then
    # Debian would start a server of its own beside ours; it is not needed.
    if ((EUID == 0)) && [[ ! -e /etc/postgresql-common/createcluster.conf ]]; then
      mkdir -p /etc/postgresql-common
      printf 'create_main_cluster = false\n' >/etc/postgresql-common/createcluster.conf
    fi
    install "Postgres" postgresql
    has_postgres || fail "the Postgres of this Debian is older than 15; install a newer one"
  fi
}

need_postgres() { has_postgres || locked install_postgres; }

need_npm() { command -v npm >/dev/null && command -v node >/dev/null || locked install_npm; }

install_npm() { command -v npm >/dev/null || install "Node.js" nodejs npm; }

has_chromium() {
  local name
  for name in chromium chromium-browser google-chrome; do
    if command -v "$name" >/dev/null; then
      return 0
    fi
  done
  return 1
}

need_chromium() { has_chromium || locked install_chromium; }

install_chromium() { has_chromium || install "Chromium" chromium; }

uses_own_postgres() {
  [[ -z ${ConnectionStrings__Postgres:-} ]] || return 1
  local argument
  for argument in "$@"; do
    [[ $argument != --postgres && $argument != --postgres=* ]] || return 1
  done
}

# npm_packages DIRECTORY: what its lock file asks for, when it has one.
npm_packages() {
  local directory="$root/$1"
  if [[ -f $directory/package-lock.json ]] && ! npm_is_current "$directory"; then
    locked install_npm_packages "$directory"
  fi
}

# npm keeps no copy of the lock file it installed from; we do.
npm_is_current() { cmp -s "$1/package-lock.json" "$1/node_modules/.installed-lock.json"; }

install_npm_packages() {
  if npm_is_current "$1"; then
    return 0 # somebody else did it while we waited
  fi
  install_npm
  say "Fetching npm's packages of ${1#"$root/"} ..."
  local log
  log=$(mktemp)
  if ! npm ci --prefix "$1" --ignore-scripts --no-audit --no-fund >"$log" 2>&1 </dev/null; then
    tail -n 20 "$log" >&2
    rm -f "$log"
    fail "npm ci failed in $1"
  fi
  rm -f "$log"
  cp "$1/package-lock.json" "$1/node_modules/.installed-lock.json"
}

# build_once OUTPUT PROJECT: builds a project unless its output is newer than all that it could be made of.
build_once() {
  if ! is_built "$@"; then
    say "Building; the first time this takes about a minute ..."
    locked build_now "$1" "$2"
  fi
}

is_built() {
  [[ -f $1.built ]] && [[ -z $(
    find "$root/$2" "$root/src" "$root/silo-config" "$root"/*.props "$root/global.json" "$root/.editorconfig" \
      \( -name node_modules -prune -o -newer "$1.built" -print -quit \)
  ) ]]
}

build_now() {
  if is_built "$@"; then
    return 0 # somebody else did it while we waited
  fi
  # Noted as of the beginning: what changes during the build is built the next time.
  local begun
  begun=$(mktemp)
  build "$2" || {
    rm -f "$begun"
    fail "the build failed"
  }
  touch -r "$begun" "$1.built"
  rm -f "$begun"
}

# build PROJECT...: Release, saying which step is done and what is wrong. Nothing that it starts may outlive it: a build
# server would keep our lock and the caller's output open.
build() {
  local project log
  log=$(mktemp)
  for project in "$@"; do
    if ! dotnet build "$root/$project" -c Release -v m -tl:off -clp:NoSummary -nologo -nodeReuse:false -p:UseSharedCompilation=false 2>&1 </dev/null |
      build_steps "$log"; then
      grep -E '(error|warning) ' "$log" | sort -u >&2 || cat "$log" >&2
      rm -f "$log"
      return 1
    fi
  done
  rm -f "$log"
}

# build_steps LOG: keeps the build's lines, and says each step that it reads of. A terminal has one line for all of them.
build_steps() {
  local line begun=$SECONDS
  : >"$1"
  while IFS= read -r line; do
    printf '%s\n' "$line" >>"$1"
    case $line in
      *'Determining projects to restore'*) build_step 'restoring packages' $((SECONDS - begun)) ;;
      *' -> '*/*)
        line=${line%% -> *}
        build_step "${line##* } is built" $((SECONDS - begun))
        ;;
    esac
  done
  [[ ! -t 2 ]] || printf '\r\033[K' >&2
}

build_step() {
  if [[ -t 2 ]]; then
    printf '\r\033[K  %s (%d s)' "$1" "$2" >&2
  else
    say "  $1 ($2 s)"
  fi
}

# A wrong clock for one process: a test that wants it is skipped where it can't be had.
want_faketime() {
  has_faketime || (locked install_faketime) || say "The tests with a wrong clock are skipped."
}

install_faketime() { has_faketime || install "faketime" faketime; }

has_faketime() { compgen -G '/usr/lib/*/faketime/libfaketimeMT.so.1' >/dev/null; }
