# Steps that script/server, script/test and script/lint share. They source this file with `set -euo pipefail`.
# Each step does its work only when what it works from has changed, so an interrupted set-up is mended by the next.
# shellcheck shell=bash

ROOT=$(dirname "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")")
PROGRAM=script/$(basename "$0")
cd "$ROOT"

set -E
trap 'stop "$PROGRAM stopped at line $LINENO of ${BASH_SOURCE[0]}. Mend what the lines above say, then run it again."' ERR

# Programs invoked by their module name keep working when the folder is moved or has a space in its name.
python() { .venv/bin/python "$@"; }

say() { printf '==> %s\n' "$*"; }

stop() {
  printf '%s\n' "$*" >&2
  exit 1
}

# Run a command and show what it prints only if it fails.
quietly() {
  local output
  output=$("$@" 2>&1 </dev/null) || {
    printf '%s\n' "$output" >&2
    return 1
  }
}

is_done() { [[ -f .venv/done-$1 && $(<".venv/done-$1") == "$2" ]]; }
not_done() { rm -f ".venv/done-$1"; }
done_with() { printf '%s\n' "$2" >".venv/done-$1"; }

digest_of() { find "$@" -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum | cut -d ' ' -f 1; }

# One set-up at a time in this folder. The lock is the folder itself, so nothing is left behind.
lock_set_up() {
  exec 9<"$ROOT"
  flock --nonblock 9 || {
    say "Waiting for another set-up of this folder to end"
    flock 9
  }
}

unlock_set_up() { exec 9<&-; }

# Tools keep caches in HOME. A service account often has none that it can write to.
provide_home() {
  [[ -n ${HOME:-} && -d $HOME && -w $HOME ]] && return
  export HOME=$ROOT/.venv/home
  mkdir -p "$HOME"
}

# Whether what tests write may go to memory: databases and repositories by the thousand, for which a disk takes longer.
memory_has_room() {
  [[ $(df --output=avail --block-size=G /dev/shm 2>/dev/null | tail -n 1) =~ ([0-9]+)G ]] && ((BASH_REMATCH[1] >= 4))
}

can_install_debian_packages() { [[ $EUID -eq 0 ]] && command -v apt-get >/dev/null; }

install_debian_package() {
  quietly apt-get update && DEBIAN_FRONTEND=noninteractive quietly apt-get install -y --no-install-recommends "$1"
}

# Set `base_python` to a Python that is new enough: where there are several, to one that can make an environment.
find_python() {
  local extra
  for extra in ", ensurepip, venv" ""; do
    for base_python in python3 python3.{15,14,13,12,11} python; do
      "$base_python" -c "import sys$extra; sys.exit(sys.version_info < (3, 11))" &>/dev/null && return
    done
  done
  stop "There is no Python 3.11 or later on this machine. Install one (apt-get install python3), then run $PROGRAM again."
}

provide_venv_module() {
  local package=python3-venv
  "$base_python" -c "import ensurepip, venv" &>/dev/null && return
  [[ $base_python == python3 ]] || package=$base_python-venv
  can_install_debian_packages ||
    stop "Python's venv module is missing. Run as root: apt-get install $package. Then run $PROGRAM again."
  say "Installing $package"
  install_debian_package "$package" || stop "Install $package (apt-get install $package), then run $PROGRAM again."
}

has_environment() {
  python -c "import sys, pip; sys.exit(sys.prefix == sys.base_prefix or sys.version_info < (3, 11))" &>/dev/null &&
    { [[ -f .venv/done-environment ]] || python -m pip --version &>/dev/null; }
}

make_environment() {
  has_environment && return
  [[ -w $ROOT && ( ! -e .venv || -w .venv ) ]] ||
    stop "$(id -un) may not write to $ROOT/.venv. Run $PROGRAM as the owner of that folder."
  find_python
  provide_venv_module
  say "Making a Python environment in .venv"
  rm -rf .venv
  quietly "$base_python" -m venv .venv || stop "Mend what the lines above say about .venv, then run $PROGRAM again."
  done_with environment "$base_python"
}

# Install NAME.txt, where each package has its version and hash.
install_requirements() {
  local name=$1 digest
  digest=$(digest_of "$name.txt")
  is_done "$name" "$digest" && return
  say "Installing the Python packages of $name.txt"
  not_done "$name"
  quietly .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-input --require-hashes -r "$name.txt" ||
    stop "pip failed: see above. Check that this machine reaches PyPI, delete .venv, then run $PROGRAM again."
  done_with "$name" "$digest"
}

has_node() {
  node -e 'const [a, b] = process.versions.node.split("."); process.exit(a > 20 || (a == 20 && b >= 19) ? 0 : 1)' &>/dev/null &&
    npm --version &>/dev/null
}

provide_node() {
  has_node && return
  install_requirements requirements-node
  PATH=$ROOT/.venv/bin:$PATH
  hash -r
  has_node || stop "The Node.js in .venv does not start. Delete .venv, then run $PROGRAM again."
}

# Install what package-lock.json says: `site` is what the site needs, `all` has what its checks need besides.
install_node_packages() {
  local which=$1 digest omit=()
  digest=$(digest_of package.json package-lock.json)
  if [[ -d node_modules ]] && { is_done node-packages "all $digest" || is_done node-packages "$which $digest"; }; then
    return
  fi
  [[ $which == all ]] || omit=(--omit=dev)
  provide_node
  provide_home
  say "Installing the front-end packages of package-lock.json"
  not_done node-packages
  # Councils' networks often inspect TLS, so Node.js believes the authorities that the machine does. And no package
  # may run a script of its own at installation.
  NODE_USE_SYSTEM_CA=1 quietly npm ci --ignore-scripts --no-audit --no-fund --loglevel=error --include=optional "${omit[@]}" ||
    stop "npm failed: see above. Check that this machine reaches the npm registry, then run $PROGRAM again."
  done_with node-packages "$which $digest"
}

build_assets() {
  local digest
  digest=$(digest_of assets package.json package-lock.json)
  [[ -f site/knowledge_base/static/manifest.json ]] && is_done assets "$digest" && return
  install_node_packages site
  provide_node
  say "Building the style sheets and scripts"
  not_done assets
  quietly npm run --silent build || stop "Mend what the lines above say about assets/, then run $PROGRAM again."
  done_with assets "$digest"
}

set_up_site() {
  make_environment
  install_requirements requirements
  build_assets
}

# What the site needs is needed here too: the checks read its types, and the tests start it.
set_up_checks() {
  make_environment
  install_requirements requirements
  install_requirements requirements-dev
  install_node_packages all
  build_assets
  provide_node
  provide_home
}
