#!/bin/bash
# Checks the package, and affectd as a systemd service: systemd runs as process 1 of a container with a bare Debian, the
# package is installed there with apt, upgraded, removed and purged, and affectd has a sound card of the tests to listen
# to.
#
#   service.sh PACKAGE PLUGIN
#
#   PACKAGE  what `make deb` built
#   PLUGIN   the sound card, see Tests/ALSAPlugin/README.md
#
# Prints "ok NAME" or "FAILED NAME" for each check and exits with 1 if one failed. It needs root, systemd-nspawn and
# debootstrap, and the network the first time; where the machine cannot, it says SKIPPED with the reason and exits with
# 0. The container's files are kept in .build/container.

set -u
export LC_ALL=C

here=$(cd "$(dirname "$0")" && pwd)
work=$(cd "$here/../.." && pwd)/.build/container
root=$work/root
machine=$work/affectd-test
console=$work/console.log

# A bare system, and what the checks use: ps, and socat to listen to OSC.
suite=bookworm
packages=systemd,systemd-sysv,procps,socat
# Seconds between two signs of life that systemd asks for here; the unit's own ten would make the checks slow.
watchdog=2

nspawn=
leader=
failures=0

skip() {
  echo "SKIPPED: affectd was NOT checked under systemd, because $*" >&2
  exit 0
}

broken() {
  echo "service.sh: $*" >&2
  exit 1
}

. "$here/container.sh"

# --- What the checks use ---

# card WORD: what the sound card does from now on.
card() {
  echo "$1" >"$machine/opt/testcard/control.new"
  mv "$machine/opt/testcard/control.new" "$machine/opt/testcard/control"
}

# configure good|more|broken: writes the configuration file; "more" has one more OSC destination.
configure() {
  local file=$machine/etc/affectd/affectd.toml
  {
    printf '[input]\nsource = "alsa:testcard"\n[osc.one]\nhost = "127.0.0.1"\nport = 9000\n'
    case $1 in
      more) printf '[osc.two]\nhost = "127.0.0.1"\nport = 9001\n' ;;
      broken) printf 'nonsense = true\n' ;;
    esac
  } >"$file.new"
  mv "$file.new" "$file"
}

# property NAME: of the service.
property() {
  inside systemctl show affectd.service --property="$1" --value
}

pid() {
  property MainPID
}

is_up() {
  [ "$(property ActiveState)/$(property SubState)" = active/running ]
}

is_down() {
  local state
  state=$(property ActiveState)
  [ "$state" = inactive ] || [ "$state" = failed ]
}

# Another process than PID runs and is ready. Asked in one question: the answers to two may be from before and after.
runs_anew() {
  local state
  state=$(inside systemctl show affectd.service -p MainPID -p SubState | sort | tr '\n' ' ')
  [[ $state =~ ^MainPID=([1-9][0-9]*)\ SubState=running\ $ ]] && [ "${BASH_REMATCH[1]}" != "$1" ]
}

# systemctl with an end. What it would say, the journal says better.
systemctl_() {
  inside timeout 60 systemctl "$@" 2>/dev/null
}

# A fresh, ready daemon for the check that follows.
fresh() {
  configure good
  card run
  systemctl_ reset-failed
  systemctl_ restart affectd.service
}

# hears PATTERN [GROUP]: a client of this group gets a line with the pattern.
hears() {
  as listener "${2:-audio}" timeout 30 affectctl monitor --socket /run/affectd/affectd.sock 2>/dev/null | grep -qm1 "$1"
}

values='"type":"affect".*"valence":'

# written_by PID [OPTIONS]: what a process wrote into the journal, without its names and times.
written_by() {
  local process=$1
  shift
  inside journalctl -q -o cat "_PID=$process" "$@"
}

# The time, for journalctl --since. (In systemd 252, --after-cursor with a filter leaves out a line.)
now() {
  date +@%s.%6N
}

# wrote PID SINCE PATTERN [OPTIONS]
wrote() {
  local process=$1 since=$2 pattern=$3
  shift 3
  written_by "$process" --since="$since" "$@" | grep -qiE "$pattern"
}

milliseconds() {
  echo $(($(date +%s%N) / 1000000))
}

# check NAME COMMAND...: one line of the result; with what the journal says where it failed.
check() {
  local name=$1 begin
  shift
  begin=$(now)
  if "$@"; then
    echo "ok $name"
  else
    echo "FAILED $name"
    failures=$((failures + 1))
    inside systemctl show affectd.service -p ActiveState,SubState,Result,NRestarts,MainPID,StatusText,ExecMainStatus \
      | sed 's/^/    /'
    inside journalctl -q -o short-precise --since="$begin" | tail -n 40 | sed 's/^/    /'
  fi
}

# apt COMMAND...: without the network; the packages that affectd needs have been fetched before. An edited
# configuration is kept, as apt proposes when it asks.
apt() {
  inside env DEBIAN_FRONTEND=noninteractive PATH=/usr/bin:/bin:/usr/sbin:/sbin \
    apt-get -q -y -o Dpkg::Options::=--force-confold "$@" >"$work/apt.log" 2>&1 || { tail -n 20 "$work/apt.log" && false; }
}

# What dpkg knows of the package: "ii" is installed, "rc" removed but for its configuration.
package_is() {
  [ "$(inside dpkg-query -W -f '${db:Status-Abbrev}${Version}' affectd 2>/dev/null | tr -d ' ')" = "$1" ]
}

# --- The checks ---

installs() {
  apt install /opt/package/affectd.deb && package_is "ii$version"
}

starts_nothing_by_itself() {
  is_down && ! inside systemctl is-active -q affectd.socket && ! inside systemctl is-enabled -q affectd.service
}

# As it comes: no configuration was written, and there is no sound card.
shows_life_as_it_comes() {
  systemctl_ start affectd && inside affectctl state | tee "$work/state.log" | grep -q . || return 1
  sed 's/^/   /' "$work/state.log"
  inside affectctl state --json | grep -q '"state":"reconnecting"' && systemctl_ stop affectd.socket
}

needs_no_swift() {
  ! inside ldd /usr/bin/affectd /usr/bin/affectctl | grep -iE 'swift|not found'
}

upgrades() {
  change_package package_is "ii$version+upgrade" install /opt/package/upgrade.deb \
    && inside grep -q '^# A comment of the newer version' /etc/affectd/affectd.toml.dpkg-dist
}

downgrades() {
  change_package package_is "ii$version" install --allow-downgrades /opt/package/affectd.deb
}

# change_package COMMAND... install ...: a running service goes on as the other version, with the configuration and the
# calibration that were there; then the command before `install` succeeds.
change_package() {
  local question=()
  while [ "$1" != install ]; do question+=("$1") && shift; done
  local process configuration calibration
  process=$(pid)
  configuration=$(inside cat /etc/affectd/affectd.toml)
  calibration=$(inside cat /var/lib/affectd/calibration.json)
  [ -n "$calibration" ] && apt "$@" && "${question[@]}" && within 10 runs_anew "$process" && hears "$values" \
    && [ "$(inside cat /etc/affectd/affectd.toml)" = "$configuration" ] \
    && [ "$(inside cat /var/lib/affectd/calibration.json)" = "$calibration" ]
}

is_removed_and_keeps_what_is_yours() {
  systemctl_ enable affectd.service
  apt remove affectd && is_down && ! inside test -e /run/affectd/affectd.sock && ! inside test -e /usr/bin/affectd \
    && inside test -s /etc/affectd/affectd.toml && inside test -s /var/lib/affectd/calibration.json
}

purge_leaves_nothing() {
  rm -r "$machine"/etc/systemd/{system,user}/affectd.service.d
  apt purge affectd || return 1
  # Beside what the checks themselves have put there, and what persons have in their homes.
  ! inside find / -xdev \( -path /proc -o -path /sys -o -path /opt/package -o -path /home -o -path /tmp \) -prune -o \
    \( -iname '*affectd*' -o -iname '*affectctl*' \) -print | grep .
}

is_installed_again() {
  apt install /opt/package/affectd.deb && configure good && systemctl_ start affectd.service && hears "$values"
}

units_are_sound() {
  # What systemd says of other units is not ours to mend.
  ! inside systemd-analyze verify affectd.service affectd.socket 2>&1 | grep -i affectd
}

is_confined() {
  inside systemd-analyze security --threshold=20 --no-pager affectd.service >/dev/null
}

starts_and_is_ready() {
  systemctl_ start affectd.service && is_up && [ "$(property Type)" = notify ] && [ -n "$(property StatusText)" ] \
    && echo "   status: $(property StatusText)"
}

has_a_user_of_its_own() {
  local user
  is_up || return 1
  user=$(property UID)
  # systemd takes the numbers of such users from this range.
  [ "$user" -ge 61184 ] && [ "$user" -le 65519 ] && [ "$(inside stat -L -c %u /var/lib/affectd)" = "$user" ] \
    && inside grep -q '^CapEff:\s*0*$' "/proc/$(pid)/status"
}

# Not every machine lets a container raise LimitRTPRIO=, so the capability stands in for it here: what is asked is
# whether the rest of the unit lets the daemon use it.
may_use_real_time() {
  inside chrt --fifo 1 true 2>/dev/null || { echo "   SKIPPED: there is no real-time scheduling here" && return 0; }
  local file=$machine/etc/systemd/system/affectd.service.d/real-time.conf
  printf '[Service]\nCapabilityBoundingSet=CAP_SYS_NICE\nAmbientCapabilities=CAP_SYS_NICE\n' >"$file"
  systemctl_ daemon-reload
  systemctl_ restart affectd.service && within 10 has_a_real_time_thread
  local result=$?
  rm "$file"
  systemctl_ daemon-reload
  systemctl_ restart affectd.service
  return $result
}

has_a_real_time_thread() {
  inside ps -L -o cls= -p "$(pid)" | grep -qE 'FF|RR'
}

keeps_its_buffers_in_memory() {
  local locked
  locked=$(inside awk '/^VmLck/ { print $2 }' "/proc/$(pid)/status")
  echo "   $locked KiB"
  [ "$locked" -ge 2048 ]
}

socket_is_the_groups() {
  [ "$(inside stat -c '%F %a %G' /run/affectd/affectd.sock)" = 'socket 660 audio' ]
}

member_hears_values() {
  hears "$values"
}

stranger_hears_nothing() {
  ! hears . nogroup
}

waits_for_the_device() {
  card gone
  systemctl_ restart affectd.service && is_up && hears '"type":"hello"' || return 1
  # Without sound there is no inference, but still signs of life: nothing may happen here for this long.
  local process deadline
  process=$(pid)
  deadline=$((SECONDS + 3 * watchdog))
  while [ $SECONDS -lt $deadline ]; do
    is_up && [ "$(pid)" = "$process" ] || return 1
    sleep 0.2
  done
  card run
  within 60 hears "$values" && [ "$(pid)" = "$process" ] && [ "$(property NRestarts)" = 0 ]
}

survives_unplugging() {
  local process before
  process=$(pid)
  before=$(now)
  card gone
  within 60 hears_no_music && wrote "$process" "$before" 'testcard|device|input' || return 1
  card run
  within 60 hears "$values" && [ "$(pid)" = "$process" ]
}

# For two seconds no line says that values follow the music.
hears_no_music() {
  ! as listener audio timeout 2 affectctl monitor --socket /run/affectd/affectd.sock 2>/dev/null \
    | grep -q '"state":"tracking"'
}

comes_back_after_a_crash() {
  local process
  process=$(pid)
  systemctl_ kill --kill-who=main --signal=KILL affectd.service
  within 20 runs_anew "$process" && [ "$(property NRestarts)" = 1 ] && hears "$values"
}

clients_wait_during_a_restart() {
  local process
  process=$(pid)
  systemctl_ kill --kill-who=main --signal=KILL affectd.service
  is_restarting() { [ "$(property SubState)" = auto-restart ]; }
  within 10 is_restarting && hears '"type":"hello"' && within 20 runs_anew "$process"
}

# The thread that runs the networks; its name is cut off after 15 characters.
inference_thread() {
  inside grep -lx inference -r --include=comm "/proc/$1/task" 2>/dev/null | sed -n 's|.*/task/\([0-9]*\)/comm|\1|p' \
    | head -n 1
}

watchdog_ends_a_blocked_inference() {
  local process thread restarts before
  process=$(pid)
  thread=$(inference_thread "$process")
  [ -n "$thread" ] || { echo "   there is no thread named inference" && return 1; }
  restarts=$(property NRestarts)
  before=$(now)
  # The container's process numbers, but this machine's files.
  nsenter --target "$leader" --pid -- "$work/stop_thread" "$thread" >"$work/stop_thread.log" 2>&1 &
  within 10 grep -q stopped "$work/stop_thread.log" || { cat "$work/stop_thread.log" && return 1; }
  within 60 runs_anew "$process" && [ "$(property NRestarts)" = $((restarts + 1)) ] \
    && inside journalctl -q -o cat --since="$before" _PID=1 | grep -q "affectd.service: Watchdog timeout" \
    && inside journalctl -q -o cat --since="$before" _PID=1 | grep -q "Failed with result 'watchdog'" \
    && hears "$values"
}

reloads() {
  local process before
  process=$(pid)
  before=$(now)
  configure more
  inside timeout 30 socat -u UDP-RECV:9001 - >"$work/packets" 2>/dev/null &
  local receiver=$!
  systemctl_ reload affectd.service || return 1
  within 30 grep -qa /affect/ "$work/packets"
  local arrived=$?
  kill "$receiver" 2>/dev/null
  [ $arrived = 0 ] && within 10 wrote "$process" "$before" 're-?load|re-?read|read again' && within 10 is_up \
    && [ "$(pid)" = "$process" ]
}

refuses_a_broken_configuration() {
  local process before
  process=$(pid)
  before=$(now)
  configure broken
  systemctl_ reload affectd.service
  within 30 wrote "$process" "$before" affectd.toml -p warning && within 10 is_up && hears "$values" \
    && [ "$(pid)" = "$process" ]
}

# The check before has left a warning.
journal_has_priorities() {
  local process warnings
  process=$(pid)
  warnings=$(written_by "$process" -p warning | wc -l)
  [ "$warnings" -gt 0 ] && [ "$(written_by "$process" | wc -l)" -gt "$warnings" ] \
    && ! written_by "$process" | grep -q '^<[0-7]>'
}

# The only place that the service may write to.
keeps_the_calibration() {
  inside rm -f /var/lib/affectd/calibration.json
  as listener audio timeout 60 affectctl calibrate --seconds 5 --socket /run/affectd/affectd.sock >/dev/null \
    && within 10 inside test -s /var/lib/affectd/calibration.json
}

stops_at_once() {
  local begin took
  begin=$(milliseconds)
  systemctl_ stop affectd.service || return 1
  took=$(($(milliseconds) - begin))
  echo "   stopped in $took ms"
  [ $took -lt 5000 ] && [ "$(property Result)" = success ] \
    && [ "$(property ExecMainCode)/$(property ExecMainStatus)" = 1/0 ]
}

socket_outlives_the_service() {
  is_down && inside test -S /run/affectd/affectd.sock && inside systemctl is-active -q affectd.socket
}

client_starts_the_service() {
  systemctl_ stop affectd.service affectd.socket
  systemctl_ start affectd.socket && is_down && socket_is_the_groups && hears "$values" && is_up || return 1
  # A second time: nothing of the first service has broken the socket.
  systemctl_ stop affectd.service && socket_outlives_the_service && hears '"type":"hello"' && is_up
}

stopping_the_socket_stops_the_service() {
  is_up && systemctl_ stop affectd.socket && within 10 is_down && ! inside test -e /run/affectd/affectd.sock
}

broken_configuration_is_not_tried_again() {
  configure broken
  ! systemctl_ start affectd.service || return 1
  local tried
  tried=$(times_started)
  # RestartSec= is one second.
  local deadline=$((SECONDS + 4))
  while [ $SECONDS -lt $deadline ]; do
    [ "$(property ActiveState)" = failed ] || return 1
    sleep 0.2
  done
  [ "$(property ExecMainStatus)" = 78 ] && [ "$(property NRestarts)" = 0 ] && [ "$(times_started)" = "$tried" ] \
    || return 1
  # A client is turned away after one more try, which does not go on by itself, and the socket waits for the next.
  ! hears . && within 10 is_down && ! within 3 tried_more_often $((tried + 1)) || return 1
  [ "$(times_started)" = $((tried + 1)) ] && inside systemctl is-active -q affectd.socket
}

times_started() {
  inside journalctl -q -o cat _PID=1 -u affectd.service | grep -c '^Starting affectd.service'
}

tried_more_often() {
  [ "$(times_started)" -gt "$1" ]
}

mended_configuration_works() {
  fresh && hears "$values"
}

makes_its_own_socket() {
  systemctl_ stop affectd.service affectd.socket
  systemctl_ mask affectd.socket
  printf '[Service]\nRuntimeDirectory=affectd\n' >"$machine/etc/systemd/system/affectd.service.d/directory.conf"
  systemctl_ daemon-reload
  systemctl_ start affectd.service && socket_is_the_groups && member_hears_values && stranger_hears_nothing || return 1
  systemctl_ stop affectd.service && ! inside test -e /run/affectd || return 1
  rm "$machine/etc/systemd/system/affectd.service.d/directory.conf"
  systemctl_ unmask affectd.socket && systemctl_ daemon-reload
}

runs_in_a_session() {
  # A systemd for a person, without the login that usually starts it.
  local directory=/run/user/1000
  inside install -d -m 700 -o listener -g listener "$directory"
  inside systemd-run -q --unit=session --uid=listener -p Delegate=yes --setenv=XDG_RUNTIME_DIR="$directory" \
    --setenv=HOME=/home/listener /lib/systemd/systemd --user || return 1
  person() { as listener listener env XDG_RUNTIME_DIR="$directory" HOME=/home/listener timeout 60 "$@"; }
  within 30 person systemctl --user is-active -q default.target || return 1
  person systemctl --user start affectd.service || return 1
  [ "$(inside stat -c '%a %U' "$directory/affectd/affectd.sock")" = '660 listener' ] \
    && [ -n "$(person systemctl --user show affectd.service -p StatusText --value)" ] \
    && person affectctl monitor | grep -qm1 "$values" && person systemctl --user stop affectd.service 2>/dev/null \
    && person affectctl monitor | grep -qm1 '"type":"hello"' && person systemctl --user stop affectd.socket \
    && ! inside test -e "$directory/affectd/affectd.sock"
}

# --- From here it runs ---

[ $# = 2 ] || broken "usage: service.sh PACKAGE PLUGIN"
[ -e "$1" ] || broken "$1 is not there: run 'make deb'"
[ -e "$2" ] || broken "$2 is not there"
package=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
version=$(dpkg-deb -f "$package" Version)
plugin=$(cd "$(dirname "$2")" && pwd)/$(basename "$2")

[ "$(id -u)" = 0 ] || skip "only root can boot a container"
for tool in systemd-nspawn debootstrap nsenter; do
  command -v $tool >/dev/null || skip "there is no $tool here: see SYSTEM_TEST_PACKAGES in the Makefile"
done

mkdir -p "$work"
trap stop_container EXIT
trap 'exit 130' INT TERM HUP
clang -O2 -Wall -Wextra -Werror -o "$work/stop_thread" "$here/stop_thread.c" || broken "cannot build stop_thread.c"
make_root
make_machine
boot

check "apt installs the package" installs
check "what is installed starts nothing by itself" starts_nothing_by_itself
check "it needs no Swift" needs_no_swift
check "it shows life as it comes" shows_life_as_it_comes
fresh
check "the units hold no mistakes" units_are_sound
check "the service is confined" is_confined
check "start returns when the daemon is ready" starts_and_is_ready
check "it runs as a user of its own without capabilities" has_a_user_of_its_own
check "its confinement allows real-time scheduling" may_use_real_time
check "the socket belongs to the group audio" socket_is_the_groups
check "a member of the group hears values" member_hears_values
check "nobody else hears anything" stranger_hears_nothing
check "it is ready without the device, and takes it when it comes" waits_for_the_device
check "its audio buffers stay in memory" within 10 keeps_its_buffers_in_memory
check "it survives unplugging" survives_unplugging
fresh
check "it comes back after a crash" comes_back_after_a_crash
check "clients wait while it restarts" clients_wait_during_a_restart
fresh
check "the watchdog ends a blocked inference" watchdog_ends_a_blocked_inference
fresh
check "reload adds an OSC destination" reloads
check "reload refuses a broken configuration and goes on" refuses_a_broken_configuration
check "the journal knows the priorities" journal_has_priorities
fresh
check "the calibration goes to the state directory" keeps_the_calibration
check "stop ends it at once" stops_at_once
check "the socket outlives the service" socket_outlives_the_service
check "a client starts the service" client_starts_the_service
check "stopping the socket stops the service and removes the socket" stopping_the_socket_stops_the_service
check "a broken configuration is not tried again" broken_configuration_is_not_tried_again
check "a mended configuration works" mended_configuration_works
check "it runs in a person's session" runs_in_a_session
check "without affectd.socket it makes the socket itself" makes_its_own_socket
fresh
check "an upgrade keeps configuration and calibration" upgrades
check "a downgrade works, too" downgrades
check "removing it keeps configuration and calibration" is_removed_and_keeps_what_is_yours
check "it can be installed again" is_installed_again
check "purging it leaves nothing behind" purge_leaves_nothing

[ $failures = 0 ] || broken "$failures checks failed"
