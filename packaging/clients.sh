#!/bin/sh
# What `make test-clients` needs beside .venv: kcat, Java 17 and Maven from Debian (as root; the
# tests of what stays missing are skipped), and Python clients in environments of their own.
set -eu
environments=.venv/clients

missing=""
command -v kcat >/dev/null 2>&1 || missing="$missing kcat"
command -v java >/dev/null 2>&1 || missing="$missing openjdk-17-jre-headless"
command -v mvn >/dev/null 2>&1 || missing="$missing maven"
if [ -n "$missing" ]; then
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
        apt-get update -q
        # shellcheck disable=SC2086  # the words are packages
        DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $missing
    else
        echo "Tests that need them will be skipped; to run them: sudo apt-get install$missing" >&2
    fi
fi

# One environment for the clients of Kafka, of Log Service and of Azure each: they must not change
# what Isthmus itself is tested with.
for pins in packaging/clients-*.txt; do
    name=$(basename "$pins" .txt | sed 's/^clients-//')
    folder=$environments/$name
    if ! cmp -s "$pins" "$folder/pins.txt"; then
        rm -rf "$folder"
        .venv/bin/python -m venv --without-pip "$folder"
        .venv/bin/uv pip install --quiet --no-deps --python "$folder/bin/python" -r "$pins"
        cp "$pins" "$folder/pins.txt"
    fi
done
