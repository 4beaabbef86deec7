#!/bin/sh
# Makes .venv from uv.lock. Needs Python 3.11 or newer with its venv module; on Debian, as root,
# what is missing is installed, otherwise one line says what to type and nothing is touched.
set -eu
python=$1

if ! command -v "$python" >/dev/null 2>&1; then
    missing="python3 python3-venv"
elif ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
    echo "Python 3.11 or newer is needed: make PYTHON=/path/to/python3.11" >&2
    exit 1
elif ! "$python" -c 'import ensurepip, venv' >/dev/null 2>&1; then
    missing="python3-venv"
else
    missing=""
fi

if [ -n "$missing" ]; then
    if [ "$(id -u)" != 0 ]; then
        echo "Please type: sudo apt-get install -y $missing" >&2
        exit 1
    fi
    if ! command -v apt-get >/dev/null 2>&1; then
        echo "Please install Python's venv module with this system's package manager." >&2
        exit 1
    fi
    apt-get update -q
    # shellcheck disable=SC2086  # two words are two packages
    DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $missing
fi

# uv comes from the package index at the version that the lock file names.
uv=$(sed -n '/^name = "uv"$/{n;s/^version = "\(.*\)"$/\1/p;}' uv.lock)
[ -x .venv/bin/python ] || "$python" -m venv .venv
.venv/bin/python -m pip install --quiet --disable-pip-version-check "uv==$uv"
UV_PYTHON_DOWNLOADS=never UV_PROJECT_ENVIRONMENT=.venv \
    .venv/bin/uv sync --quiet --locked --inexact --python .venv/bin/python
touch .venv/.ready
