#!/bin/bash
# Whether memory stays flat: a day of ticks at 2 values a second, 172,800, through everything but the device and the sockets.
#
#   memory.sh AFFECTCTL
#
# Some four minutes of one core, and 280 MB in the temporary directory. Exits with 1 if the resident memory has grown by
# more than a mebibyte from the first tenth on.

set -eu
affectctl=$1
work=$(mktemp -d)
trap 'kill "$pid" 2>/dev/null || true; rm -rf "$work"' EXIT
pid=

# 2 h 24 min at 16 kHz: ten seconds of chords, a pause and noise, over and over.
python3 - "$work/long.wav" <<'END'
import array, math, random, sys, wave
random.seed(1)
rate = 16_000
samples = array.array("h", bytes(2 * 10 * rate))
for index in range(10 * rate):
    time = index / rate
    chord = (220, 277, 330) if time < 4 else (196, 233, 294)
    value = sum(math.sin(2 * math.pi * note * time) for note in chord) / 6
    if 7 < time < 8:
        value = 0
    samples[index] = int(20_000 * (value * math.exp(-time % 0.5) + random.uniform(-0.02, 0.02)))
with wave.open(sys.argv[1], "wb") as file:
    file.setnchannels(1)
    file.setsampwidth(2)
    file.setframerate(rate)
    for _ in range(864):
        file.writeframes(samples.tobytes())
END

"$affectctl" analyze --quiet --hop 0.05 "$work/long.wav" >"$work/curve.csv" &
pid=$!
resident() { awk '/^VmRSS/ { print $2 }' "/proc/$pid/status"; }
lines() { wc -l <"$work/curve.csv"; }
first=
last=
while kill -0 "$pid" 2>/dev/null; do
  now=$(resident 2>/dev/null) || break
  [ -n "$now" ] || break
  if [ -z "$first" ] && [ "$(lines)" -ge 17280 ]; then first=$now; fi
  last=$now
  sleep 1
done
wait "$pid"
ticks=$(($(lines) - 1))
[ "$ticks" -ge 172800 ] || { echo "only $ticks ticks" >&2; exit 1; }
echo "resident memory after a tenth: $first KiB, at the end, after $ticks ticks: $last KiB"
[ $((last - first)) -le 1024 ] || { echo "the memory grows" >&2; exit 1; }
