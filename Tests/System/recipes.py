#!/usr/bin/env python3
"""The recipes that need another program beside affectd: OLA, and a page of one's own in a browser.

usage: recipes.py AFFECTD

Prints "ok NAME" for each, and says SKIPPED where the other program is not there.
"""

import json
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "examples"
sys.path.insert(0, str(ROOT / "tools"))
import browser  # noqa: E402

LIMIT = 60


def check(name: str, is_right: bool, found: object = None) -> None:
    if not is_right:
        sys.exit(f"FAILED {name}: {found}")
    print(f"ok {name}", flush=True)


def skip(what: str) -> None:
    print(f"SKIPPED: {what}", file=sys.stderr)


def start_affectd(program: str, directory: pathlib.Path, port: int) -> subprocess.Popen:
    configuration = directory / "affectd.toml"
    configuration.write_text(
        '[input]\nsource = "demo"\n[tracking]\nhop = 0.1\n[osc]\nenabled = false\n'
        f"[web]\nenabled = true\nport = {port}\n")
    environment = os.environ | {"XDG_STATE_HOME": str(directory / "state")}
    process = subprocess.Popen(
        [program, "--config", str(configuration), "--socket", str(directory / "affectd.sock")], env=environment,
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    for line in process.stderr:
        if "OSC to nobody" in line:
            return process
    sys.exit("recipes.py: affectd does not start")


def try_browser(directory: pathlib.Path, port: int) -> None:
    if browser.program() is None:
        return skip("the example page was NOT looked at in a browser, because there is no Chromium")
    token = (directory / "state/affectd/web-token").read_text().strip()
    chromium = browser.Browser()
    try:
        page = chromium.open(f"file://{EXAMPLES}/browser/sketch.html?url=ws://127.0.0.1:{port}/ws%3Ftoken={token}")
        said = '(document.querySelector("#said")?.textContent ?? "")'
        page.wait(f'{said}.startsWith("valence ")')
        check("the example page shows the values", True)
        first = page.evaluate(said)
        page.wait(f"{said} !== {json.dumps(first)} && {said}.startsWith('valence ')")
        check("and they move", True)
    finally:
        chromium.close()


def get_dmx() -> list[int]:
    try:
        with urllib.request.urlopen("http://127.0.0.1:9090/get_dmx?u=1", timeout=5) as answer:
            return json.load(answer)["dmx"]
    except (OSError, ValueError, KeyError):
        return []


def try_ola(directory: pathlib.Path) -> None:
    if shutil.which("olad") is None:
        return skip("OLA was NOT tried, because there is no olad")
    # olad does not run as root; it may write where it likes here.
    home = directory / "ola"
    home.mkdir(mode=0o777)
    home.chmod(0o777)
    directory.chmod(0o755)
    command = ["olad", "-c", str(home), "-i", "lo", "--no-register-with-dns-sd", "-l", "0"]
    user = {"user": "nobody", "extra_groups": []} if os.geteuid() == 0 else {}
    olad = subprocess.Popen(
        command, env=os.environ | {"HOME": str(home)}, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL, **user)
    sender = None
    try:
        end = time.monotonic() + LIMIT
        patch = ["ola_patch", "-d", "1", "-p", "0", "-u", "1"]
        while subprocess.run(patch, capture_output=True).returncode != 0:
            if time.monotonic() > end or olad.poll() is not None:
                sys.exit("recipes.py: olad does not start, or its port is taken")
            time.sleep(0.2)
        sender = subprocess.Popen(
            [sys.executable, EXAMPLES / "ola/affect_to_ola.py", "--first", "5", "--values", "valence,arousal,red,green,blue",
             "--socket", directory / "affectd.sock"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        seen: set[tuple[int, ...]] = set()
        while len(seen) < 2 and time.monotonic() < end:
            levels = get_dmx()
            if len(levels) >= 9 and any(levels[4:9]):
                seen.add(tuple(levels[4:9]))
                if any(levels[:4] + levels[9:]):
                    check("OLA gets five channels", False, levels)
            time.sleep(0.1)
        check("OLA gets five channels, and they move", len(seen) == 2, seen)
    finally:
        if sender:
            sender.terminate()
            sender.wait()
        olad.terminate()
        olad.wait()


def main(program: str) -> None:
    directory = pathlib.Path(tempfile.mkdtemp(prefix="affectd-recipes-"))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    affectd = start_affectd(program, directory, port)
    try:
        try_browser(directory, port)
        try_ola(directory)
    finally:
        affectd.terminate()
        affectd.wait()
        affectd.stderr.close()
        shutil.rmtree(directory, ignore_errors=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
