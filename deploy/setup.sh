#!/usr/bin/env bash
# Called by `make setup`. Each step leaves a stamp that names what it was made of, and is skipped while that is so.
# Needs only a Python of 3.11 or newer; whatever is heavy goes to the cache folder (deploy/embedded/cache.py).
set -euo pipefail
cd "$(dirname "$0")/.."
mkdir -p build
unset PYTHONHOME PYTHONPATH VIRTUAL_ENV
cache=${DIARY_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/diary}
export UV_CACHE_DIR="$cache/uv" PIP_CACHE_DIR="$cache/pip"

say() {
    echo "$*"
    echo "$(date +%H:%M:%S) $*" >>build/setup.log
}

# step NAME INPUTS-HASH COMMAND…: runs the command unless the stamp says that it was done for the same inputs
step() {
    local name=$1 hash=$2 began=$SECONDS
    shift 2
    [ "$(cat "build/.stamp-$name" 2>/dev/null)" != "$hash" ] || return 0
    say "$name …"
    if ! "$@" 2>&1 | tee -a build/setup.log; then
        say "$name: FAILED; all output is in build/setup.log"
        exit 1
    fi
    echo "$hash" >"build/.stamp-$name"
    say "$name: done in $((SECONDS - began)) s"
}

hash_of() { cat "$@" | sha256sum | cut -c1-16; }

find_python() {
    local candidate
    for candidate in python3 python3.14 python3.13 python3.12 python3.11 python; do
        if command -v "$candidate" >/dev/null &&
            "$candidate" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            echo "$candidate"
            return
        fi
    done
    say "No Python 3.11 or newer with its venv module was found (python3 here: $(python3 --version 2>&1 || true))." >&2
    say "Install one, e.g. the packages python3 and python3-venv of your system, and run make again." >&2
    exit 1
}

make_environment() {
    # `set -e` does not hold inside a function whose outcome is looked at, hence each `|| return`
    local python
    python=$(find_python) || return
    if ! .venv/bin/python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
        rm -rf .venv
        "$python" -m venv .venv || return
    fi
    # uv is taken at the version and with the hashes of the lock, like everything else
    awk '/^[^ #]/ { ours = /^uv==/ } ours' requirements.lock >build/uv.lock
    if ! .venv/bin/python -m uv --version 2>/dev/null | grep -qF "$(sed -n 's/^uv==\([^ ]*\).*/\1/p' build/uv.lock)"; then
        .venv/bin/python -m pip install --disable-pip-version-check --quiet --require-hashes --no-deps -r build/uv.lock ||
            return
    fi
    .venv/bin/python -m uv pip sync --quiet --python .venv/bin/python --require-hashes requirements.lock
}

npm() { .venv/bin/python -m deploy.embedded.node services/portal/web "$@"; }

# one setup at a time; the lock goes with the process
exec 9>build/.setup.lock
flock 9 2>/dev/null || true

[ -x .venv/bin/python ] || rm -f build/.stamp-python-packages
step python-packages "$(hash_of requirements.lock deploy/setup.sh)" make_environment
.venv/bin/python -m deploy.embedded 2>&1 | tee -a build/setup.log # looks in the cache itself; no stamp needed
web=services/portal/web
if [ -f $web/package-lock.json ]; then
    [ -d $web/node_modules ] || rm -f build/.stamp-web-packages
    [ -d $web/dist ] || rm -f build/.stamp-web-application
    step web-packages "$(hash_of $web/package-lock.json)" npm ci --loglevel=error
    sources=$(find $web -type f -not -path '*/node_modules/*' -not -path '*/dist/*' -print0 | sort -z |
        xargs -0 sha256sum | sha256sum | cut -c1-16)
    step web-application "$sources" npm run build
fi
