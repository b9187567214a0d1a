#!/bin/sh
# Make .venv and install one lock file into it: `sh tools/venv.sh requirements.lock`.
# A copy of the lock kept inside .venv says what is installed, so an unchanged lock costs nothing.
set -eu

lock=$1
stamp=.venv/installed-$lock
recent='import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))'

works() { "$@" -c "$recent" >/dev/null 2>&1; }

if ! works .venv/bin/python; then
    for python in python3 python3.14 python3.13 python3.12 python3.11 ''; do
        if [ -n "$python" ] && works "$python"; then break; fi
    done
    if [ -z "$python" ]; then
        echo "Gatepass needs Python 3.11 or newer with its venv module (on Debian and Ubuntu: apt install python3-venv)." >&2
        exit 1
    fi
    [ -e .venv ] || rm -f .venv # a link to nowhere
    "$python" -m venv --clear .venv
    echo "venv: made .venv with $("$python" --version)"
fi

if ! cmp -s "$lock" "$stamp"; then
    echo "venv: installing $lock"
    .venv/bin/python -m pip install -qq --disable-pip-version-check --no-input --require-hashes -r "$lock"
    cp "$lock" "$stamp"
fi
