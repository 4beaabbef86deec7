#!/bin/sh
# What `make test-clients` needs beside .venv: kcat, Java 17, Maven, an X server and AT-SPI from
# Debian (as root; the tests of what stays missing are skipped), and Python clients in environments
# of their own.
set -eu
environments=.venv/clients

missing=""
command -v kcat >/dev/null 2>&1 || missing="$missing kcat"
command -v java >/dev/null 2>&1 || missing="$missing openjdk-17-jre-headless"
command -v mvn >/dev/null 2>&1 || missing="$missing maven"
command -v Xvfb >/dev/null 2>&1 || missing="$missing xvfb"
command -v dbus-daemon >/dev/null 2>&1 || missing="$missing dbus"
[ -x /usr/libexec/at-spi-bus-launcher ] || missing="$missing at-spi2-core"
/usr/bin/python3 -c "import gi; gi.require_version('Atspi', '2.0')" >/dev/null 2>&1 ||
    missing="$missing python3-gi gir1.2-atspi-2.0"
# What Qt's plugin for X loads; packaging/environment.sh asks for these where there is a screen.
ldconfig=$(command -v ldconfig || echo /sbin/ldconfig)
for library in cursor0 icccm4 keysyms1 shape0; do
    [ -n "$("$ldconfig" -p | grep "libxcb-${library%[0-9]}[.]so")" ] || missing="$missing libxcb-$library"
done
[ -n "$("$ldconfig" -p | grep 'libxkbcommon-x11[.]so')" ] || missing="$missing libxkbcommon-x11-0"
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
