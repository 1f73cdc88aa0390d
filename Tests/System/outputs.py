#!/usr/bin/env python3
"""affectd's outputs and the programs that they are for: OLA over sACN and Art-Net, and Avahi.

usage: outputs.py AFFECTD

Runs in a network of its own, with one interface whose cable leads nowhere, so that no packet leaves the machine. Needs
root for it, and says SKIPPED without. Prints "ok NAME" for each thing that is right.
"""

import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

ADDRESS = "10.9.0.1"
NETWORK = f"""
ip link set lo up
ip link add cable type veth peer name desk
ip address add {ADDRESS}/24 dev cable
ip link set cable up
ip link set desk up
ip route add 224.0.0.0/4 dev cable
"""
LIMIT = 60


def check(name: str, is_right: bool, found: object = None) -> None:
    if not is_right:
        sys.exit(f"FAILED {name}: {found}")
    print(f"ok {name}", flush=True)


def skip(what: str) -> None:
    print(f"SKIPPED: {what}", file=sys.stderr)


def wait(name: str, condition) -> None:
    """Waits until it holds; what it is at the end, if it does not, is told."""
    end = time.monotonic() + LIMIT
    while True:
        found = condition()
        if found:
            return check(name, True)
        if time.monotonic() > end:
            check(name, False, "it does not come")
        time.sleep(0.1)


class Affectd:
    def __init__(self, program: str, directory: pathlib.Path, name: str, configuration: str, **environment: str):
        self.socket = str(directory / f"{name}.sock")
        path = directory / f"{name}.toml"
        path.write_text('[input]\nsource = "demo"\n[tracking]\nhop = 0.1\n[osc]\nenabled = false\n' + configuration)
        self.process = subprocess.Popen(
            [program, "--config", str(path), "--socket", self.socket],
            env=os.environ | {"XDG_STATE_HOME": str(directory / f"state-{name}")} | environment,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        for line in self.process.stderr:
            if "OSC to nobody" in line:
                break
        else:
            sys.exit("outputs.py: affectd does not start")
        self.connection = socket.socket(socket.AF_UNIX)
        self.connection.connect(self.socket)
        self.lines = self.connection.makefile("r")
        self.ticks: list[int] = []

    def read(self, count: int) -> None:
        """Reads so many ticks."""
        while count > 0:
            tick = json.loads(self.lines.readline()).get("seq")
            if tick:
                self.ticks.append(tick)
                count -= 1

    def missed(self) -> int:
        return sum(second != first + 1 for first, second in zip(self.ticks, self.ticks[1:]))

    def end(self) -> None:
        self.process.terminate()
        self.process.wait()
        self.process.stderr.close()


class Olad:
    """The daemon of OLA, with what comes in as sACN universe 1 in its universe 1, and Art-Net's 2 in 2."""

    def __init__(self, directory: pathlib.Path):
        # It does not run as root; it may write where it likes here.
        self.home = directory / "ola"
        self.home.mkdir(mode=0o777, exist_ok=True)
        self.home.chmod(0o777)
        self.start()

    def start(self) -> None:
        self.process = subprocess.Popen(
            ["olad", "-c", str(self.home), "--no-register-with-dns-sd", "-l", "0"], cwd="/",
            env=os.environ | {"HOME": str(self.home)}, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, user="nobody", extra_groups=[])
        for universe, name in ((1, "E1.31"), (2, "ArtNet")):
            end = time.monotonic() + LIMIT
            while not self.patch(universe, name):
                if time.monotonic() > end or self.process.poll() is not None:
                    sys.exit("outputs.py: olad does not start, or its port is taken")
                time.sleep(0.2)

    @staticmethod
    def patch(universe: int, name: str) -> bool:
        devices = subprocess.run(["ola_dev_info"], capture_output=True, text=True).stdout.splitlines()
        numbers = [line.split()[1].rstrip(":") for line in devices if line.startswith("Device") and name in line]
        if not numbers:
            return False
        arguments = ["ola_patch", "-i", "-d", numbers[0], "-p", "0", "-u", str(universe)]
        return subprocess.run(arguments, capture_output=True).returncode == 0

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


def levels(universe: int) -> list[int]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:9090/get_dmx?u={universe}", timeout=5) as answer:
            return json.load(answer)["dmx"]
    except (OSError, ValueError, KeyError):
        return []


def try_ola(program: str, directory: pathlib.Path) -> None:
    if shutil.which("olad") is None:
        return skip("sACN and Art-Net were NOT tried, because there is no olad")
    olad = Olad(directory)
    channels = '{ 1 = "valence", 2 = "arousal", 3 = "arousal/fine", 5 = 200, 10 = "color/red" }'
    affectd = Affectd(
        program, directory, "first",
        f'[dmx.stage]\nprotocol = "sacn"\nuniverse = 1\ninterface = "{ADDRESS}"\nchannels = {channels}\n'
        f'[dmx.node]\nprotocol = "artnet"\nuniverse = 2\nhost = "{ADDRESS}"\nchannels = {channels}\n')
    try:
        for universe, name in ((1, "sACN by multicast"), (2, "Art-Net")):
            wait(f"OLA gets {name}", lambda: levels(universe)[4:5] == [200] and any(levels(universe)[:2]))
            seen = set()
            wait("and it moves", lambda: seen.add(tuple(levels(universe)[:3])) or len(seen) > 3)
            others = [level for place, level in enumerate(levels(universe)) if place not in (0, 1, 2, 4, 9)]
            check("and nothing else does", not any(others), others)

        # A second source of a higher priority wins, and gives the universe back when it ends.
        second = Affectd(
            program, directory, "second",
            f'[dmx.top]\nprotocol = "sacn"\nuniverse = 1\ninterface = "{ADDRESS}"\npriority = 150\nchannels = {{ 5 = 7 }}\n')
        wait("the higher priority wins", lambda: levels(1)[4:5] == [7])
        start = time.monotonic()
        second.end()
        wait("and lets go when it ends", lambda: levels(1)[4:5] == [200])
        check("at once, not after the 2.5 s of a source that is lost", time.monotonic() - start < 2.5)

        affectd.read(10)
        olad.kill()
        affectd.read(10)
        olad.start()
        for universe in (1, 2):
            wait("an OLA that was killed is told again", lambda: levels(universe)[4:5] == [200])
        affectd.read(10)
        check("no tick was missed meanwhile", affectd.missed() == 0)
    finally:
        affectd.end()
        olad.kill()


def try_avahi(program: str, directory: pathlib.Path) -> None:
    if shutil.which("avahi-daemon") is None or shutil.which("dbus-daemon") is None:
        return skip("the announcement was NOT tried, because there is no avahi-daemon or dbus-daemon")
    # A bus of its own, which anybody may use.
    bus = f"unix:path={directory}/bus"
    (directory / "bus.conf").write_text(
        f"<busconfig><type>system</type><listen>{bus}</listen><policy context='default'><allow own='*'/>"
        "<allow send_destination='*'/><allow receive_sender='*'/></policy></busconfig>")
    (directory / "avahi.conf").write_text(
        "[server]\nhost-name=stage\nuse-ipv6=no\nallow-interfaces=cable\n[rlimits]\n")
    environment = {"DBUS_SYSTEM_BUS_ADDRESS": bus}
    pathlib.Path("/run/avahi-daemon").mkdir(exist_ok=True)
    dbus = subprocess.Popen(["dbus-daemon", f"--config-file={directory}/bus.conf", "--nofork", "--nopidfile"])

    def start_avahi() -> subprocess.Popen:
        return subprocess.Popen(
            ["avahi-daemon", "-s", "--no-rlimits", "--no-drop-root", "--no-chroot", "-f", str(directory / "avahi.conf")],
            env=os.environ | environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def found() -> set[tuple[str, str]]:
        text = subprocess.run(
            ["avahi-browse", "-rpt", "_osc._udp"], env=os.environ | environment, capture_output=True, text=True).stdout
        entries = [line.split(";") for line in text.splitlines() if line.startswith("=")]
        # A space is written as its number.
        return {(entry[3].replace("\\032", " ").replace("\\035", "#"), entry[8]) for entry in entries}

    end = time.monotonic() + LIMIT
    while not (directory / "bus").exists() and time.monotonic() < end:
        time.sleep(0.1)
    open_port = '[control]\nhost = "0.0.0.0"\nport = '
    name = f"affectd on {socket.gethostname()}"
    first = Affectd(program, directory, "announced", open_port + "9001\n", **environment)
    second = local = avahi = None
    try:
        first.read(5)
        check("without Avahi affectd runs as ever", first.missed() == 0)
        avahi = start_avahi()
        wait("an Avahi that comes later announces it", lambda: (name, "9001") in found())
        second = Affectd(program, directory, "beside", open_port + "9002\n", **environment)
        wait("a second one gets a number", lambda: (f"{name} #2", "9002") in found())
        local = Affectd(program, directory, "local", "[control]\nport = 9003\n", **environment)
        local.read(5)
        check("a port that nobody else reaches is not announced", all(entry[1] != "9003" for entry in found()))
        second.end()
        wait("what ends is not announced any more", lambda: all(entry[1] != "9002" for entry in found()))
        avahi.kill()
        avahi.wait()
        pathlib.Path("/run/avahi-daemon/pid").unlink(missing_ok=True)
        avahi = start_avahi()
        wait("an Avahi that was killed announces it again", lambda: (name, "9001") in found())
        first.read(5)
        check("no tick was missed meanwhile", first.missed() == 0)
    finally:
        for process in (first, second, local):
            if process and process.process.poll() is None:
                process.end()
        for process in (avahi, dbus):
            if process:
                process.send_signal(signal.SIGKILL)
                process.wait()


def main(program: str) -> None:
    if "AFFECTD_OWN_NETWORK" not in os.environ:
        if os.geteuid() != 0:
            return skip("OLA and Avahi were NOT tried: that takes root, for a network of its own")
        os.environ["AFFECTD_OWN_NETWORK"] = "1"
        os.execvp("unshare", ["unshare", "-nm", sys.executable, __file__, program])
    subprocess.run(["sh", "-ec", NETWORK], check=True)
    directory = pathlib.Path(tempfile.mkdtemp(prefix="affectd-outputs-"))
    directory.chmod(0o755)
    try:
        try_ola(program, directory)
        try_avahi(program, directory)
    finally:
        shutil.rmtree(directory, ignore_errors=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
