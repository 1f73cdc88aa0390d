#!/usr/bin/env bash
# Runs affectd on a real sound server: PulseAudio with a null sink, whose monitor it captures through ALSA while music
# plays into it. The server is killed and started again, and the sink suspended.
#
# usage: pulseaudio.sh AFFECTD AFFECTCTL
#
# Prints "ok NAME" for each check, and says SKIPPED with the reason where the machine has no PulseAudio.
set -euo pipefail
affectd=$1
affectctl=$2
for program in pulseaudio pactl paplay; do
  command -v $program > /dev/null || { echo "SKIPPED: affectd was NOT checked on PulseAudio, because there is no $program" >&2; exit 0; }
done
directory=$(mktemp -d)
server= daemon= player= monitor=
finish() {
  for process in $player $monitor $daemon $server; do kill "$process" 2> /dev/null || true; done
  rm -rf "$directory"
}
trap finish EXIT

export PULSE_RUNTIME_PATH=$directory/pulse PULSE_STATE_PATH=$directory/state PULSE_COOKIE=$directory/cookie
export HOME=$directory XDG_RUNTIME_DIR=$directory XDG_CONFIG_HOME=$directory/config XDG_STATE_HOME=$directory/state
export ALSA_CONFIG_PATH=$directory/asound.conf
mkdir -p "$directory/pulse" "$directory/state"
chmod 700 "$directory/pulse"
cat > "$directory/asound.conf" << 'CONFIGURATION'
</usr/share/alsa/alsa.conf>
pcm.venue { type pulse device venue.monitor }
CONFIGURATION
cat > "$directory/pulse.pa" << CONFIGURATION
load-module module-native-protocol-unix socket=$directory/pulse/native
load-module module-null-sink sink_name=venue rate=44100
CONFIGURATION
export PULSE_SERVER=unix:$directory/pulse/native

start_server() {
  pulseaudio -n -F "$directory/pulse.pa" --daemonize=no --exit-idle-time=-1 --disable-shm=yes --use-pid-file=no \
    2>> "$directory/pulse.log" &
  server=$!
  await "the sound server" pactl info
}

# await WHAT COMMAND...: tries a command until it succeeds, for at most half a minute.
await() {
  local what=$1 deadline=$((SECONDS + 30))
  shift
  until "$@" > /dev/null 2>&1; do
    if [ $SECONDS -ge $deadline ]; then
      echo "FAILED: $what did not come" >&2
      tail -20 "$directory"/*.log >&2
      tail -3 "$directory/lines" >&2
      exit 1
    fi
    sleep 0.1
  done
}

# The lines that came since the last check.
seen=0
await_state() {
  await "state $1" new_line "\"state\":\"$1\""
  seen=$(wc -l < "$directory/lines")
  echo "ok $2"
}
new_line() { tail -n +$((seen + 1)) "$directory/lines" | grep -q "$1"; }

play() {
  # Two minutes of noise bursts, loud enough to be no silence.
  head -c 10584000 /dev/urandom > "$directory/noise.raw"
  paplay --raw --rate=44100 --channels=1 --format=s16le --device=venue --volume=16384 "$directory/noise.raw" \
    2>> "$directory/player.log" &
  player=$!
}

start_server
"$affectd" --input alsa:venue --hop 0.1 --socket "$directory/affectd.sock" 2> "$directory/affectd.log" &
daemon=$!
await "the socket" test -S "$directory/affectd.sock"
"$affectctl" monitor --socket "$directory/affectd.sock" > "$directory/lines" &
monitor=$!

await_state silent "a sink into which nothing plays reads as silence"
play
await_state tracking "music that plays into the sink is followed"

kill -9 $server
wait $server 2> /dev/null || true
await_state reconnecting "a server that dies is waited for"
start_server
await_state warmingUp "a server that is back is heard again"
play
await_state tracking "and the music that plays there is followed"

# What the server has kept for a reader that stood still is not played through.
kill -STOP $daemon
sleep 2
kill -CONT $daemon
await "the gap of a standstill" new_line '"gap":[12]\.'
seen=$(wc -l < "$directory/lines")
echo "ok what comes late after a standstill is dropped, and the gap is told"
await_state tracking "and the music is followed again"

pactl suspend-sink venue 1
await_state stalled "a sink that is suspended is a stall"
await_state reconnecting "and then a loss"
pactl suspend-sink venue 0
await_state tracking "a sink that is resumed is heard again"

kill $daemon
if wait $daemon; then echo "ok affectd ends in order"; else echo "FAILED: affectd ended with $?" >&2; exit 1; fi
daemon=
