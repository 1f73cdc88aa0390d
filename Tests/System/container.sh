# The container in which service.sh runs systemd: its files, its start and its end. Uses the variables that service.sh
# sets at its beginning.

# Runs a command in the container, as root and with none of this shell's variables.
inside() {
  nsenter --target "$leader" --all --root --wd -- env -i PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin LC_ALL=C "$@"
}

# as USER GROUP COMMAND...: runs a command in the container as somebody else.
as() {
  local user=$1 group=$2
  shift 2
  inside setpriv --reuid="$user" --regid="$group" --clear-groups -- "$@"
}

# within SECONDS COMMAND...: runs the command again and again until it succeeds. The seconds are for slow machines.
within() {
  local deadline=$((SECONDS + $1))
  shift
  until "$@" >/dev/null 2>&1; do
    [ $SECONDS -lt $deadline ] || return 1
    sleep 0.1
  done
}

stop_container() {
  [ -n "$nspawn" ] || return 0
  # Everything in the container ends with its process 1.
  if [ -n "$leader" ]; then kill -KILL "$leader" 2>/dev/null; else kill -KILL "$nspawn" 2>/dev/null; fi
  wait "$nspawn" 2>/dev/null
  nspawn=
  rm -rf --one-file-system "$machine"
}

# Makes the files that every run begins with, unless they are there and hold the same packages.
make_root() {
  local stamp="$suite $packages $(dpkg-deb -f "$package" Depends Recommends)"
  [ "$(cat "$root.stamp" 2>/dev/null)" != "$stamp" ] || return 0
  echo "Making a Debian root for the container"
  rm -rf --one-file-system "$root" "$root.stamp"
  debootstrap --variant=minbase --include="$packages" "$suite" "$root" >"$work/debootstrap.log" 2>&1 \
    || skip "debootstrap failed: $(tail -n 1 "$work/debootstrap.log")"
  # What the package needs, fetched and not installed. The container itself has no network.
  rm -f "$root/etc/resolv.conf"
  cp /etc/resolv.conf "$root/etc/resolv.conf"
  cp "$package" "$root/opt/affectd.deb"
  { chroot "$root" apt-get -q update && chroot "$root" apt-get -q -y install --download-only /opt/affectd.deb; } \
    >>"$work/debootstrap.log" 2>&1 || skip "what the package needs cannot be had: $(tail -n 1 "$work/debootstrap.log")"
  rm "$root/opt/affectd.deb"
  echo "$stamp" >"$root.stamp"
}

# The package with a higher version and another configuration.
make_upgrade() {
  local tree=$work/upgrade
  rm -rf "$tree"
  dpkg-deb -R "$package" "$tree" && sed -i 's/^Version: .*/&+upgrade/' "$tree/DEBIAN/control" \
    && sed -i '1i # A comment of the newer version' "$tree/etc/affectd/affectd.toml" \
    && dpkg-deb --root-owner-group -b "$tree" "$1" >/dev/null
}

make_machine() {
  rm -rf --one-file-system "$machine"
  cp -a --reflink=auto "$root" "$machine" || broken "cannot copy to $machine"
  install -D -m 644 "$package" "$machine/opt/package/affectd.deb"
  make_upgrade "$machine/opt/package/upgrade.deb" || broken "cannot make a newer package"
  # An empty file: systemd chooses the number, and asks no questions as it would on a first start.
  : >"$machine/etc/machine-id"
  # Ten seconds of noise, over and over.
  mkdir -p "$machine/opt/testcard"
  install -m 755 "$plugin" "$machine/opt/testcard/card.so"
  head -c $((10 * 48000 * 4)) /dev/urandom >"$machine/opt/testcard/input.raw"
  cat >"$machine/opt/testcard/asound.conf" <<-'END'
	pcm_type.affecttest.lib "/opt/testcard/card.so"
	pcm.testcard {
	  type affecttest
	  file "/opt/testcard/input.raw"
	  format S16_LE
	  channels 2
	  rate 48000
	  loop 1
	  control "/opt/testcard/control"
	}
	END
  card run

  local units
  for units in system user; do
    mkdir -p "$machine/etc/systemd/$units/affectd.service.d"
    printf '[Service]\nEnvironment=ALSA_CONFIG_PATH=/opt/testcard/asound.conf\nWatchdogSec=%s\n' $watchdog \
      >"$machine/etc/systemd/$units/affectd.service.d/test.conf"
  done
  chroot "$machine" useradd --create-home --uid 1000 listener || broken "cannot add a user to the container"
}

# Process 1 is nspawn's only child in the end. Succeeds with an empty `leader` where nspawn has given up.
has_leader() {
  leader=$(pgrep -P "$nspawn" -x systemd) || ! kill -0 "$nspawn"
}

boot() {
  # Without CAP_IPC_LOCK nspawn keeps everybody in the container from locking memory, whatever the unit says.
  systemd-nspawn -q -D "$machine" --register=no --keep-unit --private-network --boot --console=pipe \
    --capability=CAP_IPC_LOCK \
    </dev/null >"$console" 2>&1 &
  nspawn=$!
  within 30 has_leader
  [ -n "$leader" ] && within 60 is_booted || skip "systemd-nspawn does not boot here: $(tail -n 3 "$console")"
}

is_booted() {
  inside systemctl is-active -q multi-user.target
}
