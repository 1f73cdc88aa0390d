#!/usr/bin/env bash
# Runs affectd on the test card, counts what its threads allocate once it is warm, and fails if the capture thread
# allocates anything.
#
# usage: allocations.sh AFFECTD PLUGIN
set -euo pipefail
affectd=$1
plugin=$2
here=$(cd "$(dirname "$0")" && pwd)
directory=$(mktemp -d)
trap 'kill "${daemon:-}" 2>/dev/null || true; rm -rf "$directory"' EXIT

clang -shared -fPIC -O1 -Wall -Wextra -Werror -o "$directory/count.so" "$here/count_allocations.c" -ldl
head -c 960000 /dev/urandom > "$directory/noise.raw"
cat > "$directory/asound.conf" <<CONFIGURATION
pcm_type.affecttest.lib "$plugin"
pcm.testcard { type affecttest file "$directory/noise.raw" format S16_LE channels 1 rate 48000 loop 1 }
CONFIGURATION

seconds=20
# In the foreground timeout signals affectd alone; else its whole group too, and a second signal ends affectd at once.
ALSA_CONFIG_PATH="$directory/asound.conf" LD_PRELOAD="$directory/count.so" AFFECTD_COUNT_AFTER=6 \
  timeout --foreground -s TERM "$seconds" "$affectd" --input alsa:testcard --hop 0.05 --socket "$directory/affectd.sock" \
  2> "$directory/log" || [ $? = 124 ] || { cat "$directory/log" >&2; exit 1; }
grep '^allocations:' "$directory/log" || { echo "FAILED: nothing was counted" >&2; cat "$directory/log" >&2; exit 1; }
if ! grep -q '^allocations: inference ' "$directory/log"; then
  echo "FAILED: the inference thread hands its results over, which allocates: the count does not work" >&2
  exit 1
fi
if grep '^allocations: capture ' "$directory/log" >&2; then
  echo "FAILED: the capture thread allocates" >&2
  exit 1
fi
echo "ok: in $((seconds - 6)) s the capture thread allocated nothing"
