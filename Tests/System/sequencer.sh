#!/bin/bash
# MIDI through a real ALSA sequencer. Containers and many virtual machines have none, so a Debian kernel is started in an
# emulated machine, with affectd and aseqdump(1) in it.
#
# usage: sequencer.sh AFFECTD WORK_DIRECTORY
#
# Says SKIPPED where that cannot be had.
set -euo pipefail

affectd=$(realpath "$1")
mkdir -p "$2"
work=$(realpath "$2")

skip() { echo "SKIPPED: MIDI was NOT tried with a sequencer: $1" >&2; exit 0; }

[ "$(uname -m)" = x86_64 ] || skip "this machine is no x86_64"
for program in qemu-system-x86_64 busybox cpio aseqdump; do
  command -v $program >/dev/null || skip "there is no $program"
done
if ! ls "$work"/kernel/boot/vmlinuz-* >/dev/null 2>&1; then
  name=$(apt-cache depends linux-image-amd64 2>/dev/null | sed -n 's/.*Depends: \(linux-image-.*\)/\1/p' | head -1)
  (cd "$work" && apt-get download -qq "$name" >/dev/null 2>&1) || skip "Debian's kernel cannot be downloaded"
  dpkg-deb -x "$work"/linux-image-*.deb "$work/kernel"
  rm "$work"/linux-image-*.deb
fi

root=$work/root
rm -rf "$root"
mkdir -p "$root"/{bin,dev,proc,sys,tmp,usr/share/alsa,modules,affectd}
cp "$(command -v busybox)" "$root/bin"
for program in "$affectd" "$(command -v aseqdump)"; do
  cp "$program" "$root/affectd/"
  ldd "$program" | sed -n 's/.*=> \(\/[^ ]*\) .*/\1/p; s/^\t\(\/[^ ]*\) .*/\1/p' | while read -r library; do
    install -D "$library" "$root$library"
  done
done
cp -r "$(dirname "$affectd")"/affectd_ShippedModels.resources "$root/affectd/"
cp -r /usr/share/alsa/* "$root/usr/share/alsa/"
for module in soundcore snd snd-timer snd-seq-device snd-seq; do
  find "$work/kernel" -name $module.ko -exec cp {} "$root/modules/" \;
done
cat > "$root/affectd/affectd.toml" <<'CONFIGURATION'
[input]
source = "demo"
[osc]
enabled = false
[midi]
controls = { 20 = "valence", 21 = "arousal", 22 = "active" }
bits = 14
channel = 3
connect = "aseqdump:0"
CONFIGURATION
cat > "$root/init" <<'INIT'
#!/bin/busybox sh
/bin/busybox --install -s /bin
export PATH=/bin:/affectd HOME=/tmp
mount -t proc none /proc; mount -t sysfs none /sys; mount -t devtmpfs none /dev
affectd --config /affectd/affectd.toml --socket /tmp/affectd.sock 2>&1 | sed 's/^/SAYS /' &
sleep 8
for module in soundcore snd snd-timer snd-seq-device snd-seq; do insmod /modules/$module.ko; done
for round in ONE TWO; do
  aseqdump | sed "s/^/$round /" &
  sleep 16
  killall aseqdump
  sleep 8
done
poweroff -f
INIT
chmod +x "$root/init"
(cd "$root" && find . | cpio -o -H newc --quiet) > "$work/root.cpio"

acceleration=tcg
[ -w /dev/kvm ] && grep -qE 'svm|vmx' /proc/cpuinfo && acceleration=kvm
timeout 240 qemu-system-x86_64 -accel $acceleration -cpu max -m 1024 -smp 2 -nographic -no-reboot -net none \
  -kernel "$work"/kernel/boot/vmlinuz-* -initrd "$work/root.cpio" -append "console=ttyS0 quiet panic=-1" \
  < /dev/null > "$work/console" 2>&1 || true

check() {
  if grep -qE "$2" "$work/console"; then echo "ok $1"; else
    echo "FAILED $1: nothing like '$2' in $work/console" >&2
    exit 1
  fi
}
check "without a sequencer there is a clear message" "SAYS .*the ALSA sequencer cannot be opened: No such file or directory"
check "a module that is loaded later is found" "ONE +[0-9]+:0 +Control change"
check "the upper seven bits of a value come" "ONE .*Control change +2, controller 20, value [0-9]+"
check "the lower seven bits of a value come" "ONE .*Control change +2, controller 52, value [0-9]+"
[ "$(grep -oE 'ONE .*controller 53, value [0-9]+' "$work/console" | sort -u | wc -l)" -gt 3 ] || {
  echo "FAILED values move" >&2
  exit 1
}
echo "ok values move"
check "a receiver that went is told" "SAYS .*the port 'aseqdump:0' cannot be connected to"
check "a receiver that comes again is told everything again" "TWO .*Control change +2, controller 22, value 127"
