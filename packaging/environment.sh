#!/bin/sh
# Makes .venv from uv.lock. Needs Python 3.11 or newer with its venv module and Qt's libraries; on
# Debian, as root, what is missing is installed, otherwise one line says what to type and nothing is touched.
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

# Qt's own libraries, for the window and its tests; with a screen also those of its X11 plugin.
ldconfig=$(command -v ldconfig || echo /sbin/ldconfig)
if [ -x "$ldconfig" ]; then
    known=$("$ldconfig" -p)
    need() {
        case $known in *"$1 "*) ;; *) missing="$missing $2" ;; esac
    }
    need libGL.so.1 libgl1
    need libEGL.so.1 libegl1
    need libxkbcommon.so.0 libxkbcommon0
    need libglib-2.0.so.0 libglib2.0-0
    need libdbus-1.so.3 libdbus-1-3
    need libfontconfig.so.1 libfontconfig1
    if [ -n "${DISPLAY:-}" ]; then
        need libxcb-cursor.so.0 libxcb-cursor0
        need libxkbcommon-x11.so.0 libxkbcommon-x11-0
        need libxcb-icccm.so.4 libxcb-icccm4
        need libxcb-keysyms.so.1 libxcb-keysyms1
        need libxcb-shape.so.0 libxcb-shape0
    fi
fi

if [ -n "$missing" ]; then
    if [ "$(id -u)" != 0 ]; then
        echo "Please type: sudo apt-get install -y $missing" >&2
        exit 1
    fi
    if ! command -v apt-get >/dev/null 2>&1; then
        echo "Please install with this system's package manager what Debian calls:$missing" >&2
        exit 1
    fi
    apt-get update -q
    # shellcheck disable=SC2086  # the words are packages
    DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $missing
fi

# uv comes from the package index at the version that the lock file names.
uv=$(sed -n '/^name = "uv"$/{n;s/^version = "\(.*\)"$/\1/p;}' uv.lock)
[ -x .venv/bin/python ] || "$python" -m venv .venv
.venv/bin/python -m pip install --quiet --disable-pip-version-check "uv==$uv"
UV_PYTHON_DOWNLOADS=never UV_PROJECT_ENVIRONMENT=.venv \
    .venv/bin/uv sync --quiet --locked --inexact --python .venv/bin/python
touch .venv/.ready
