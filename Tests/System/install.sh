#!/bin/bash
# Checks `make install` and `make uninstall`: what is installed runs from there, names the place in its units, keeps a
# configuration, and goes away again.
#
#   install.sh
#
# Needs what `make release` built. Prints "ok NAME" for each check and exits with 1 at the first that fails.

set -eu
export LC_ALL=C

cd "$(dirname "$0")/../.."
stage=$PWD/.build/install-test
trap 'rm -rf "$stage"' EXIT
trap 'echo "FAILED: line $LINENO" >&2' ERR
rm -rf "$stage"

make -s install DESTDIR="$stage" PREFIX=/opt/affectd
for program in affectd affectctl; do "$stage/opt/affectd/bin/$program" --version | grep -q '^instruction set: '; done
# The models are found from where the programs lie.
XDG_CONFIG_HOME=$stage "$stage/opt/affectd/bin/affectd" --check --config "$stage/etc/affectd/affectd.toml" | grep -q valid
echo "ok what is installed runs"

grep -q '^ExecStart=/opt/affectd/bin/affectd ' "$stage"/opt/affectd/lib/systemd/{system,user}/affectd.service
echo "ok the units name the place"

echo '# mine' >>"$stage/etc/affectd/affectd.toml"
make -s install DESTDIR="$stage" PREFIX=/opt/affectd
[ "$(tail -n 1 "$stage/etc/affectd/affectd.toml")" = '# mine' ]
echo "ok a configuration is kept"

make -s uninstall DESTDIR="$stage" PREFIX=/opt/affectd
[ "$(find "$stage" -type f)" = "$stage/etc/affectd/affectd.toml" ]
echo "ok uninstalled, but for the configuration"
