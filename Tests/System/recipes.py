#!/usr/bin/env python3
"""The recipe that needs a browser beside affectd: a page of one's own.

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

ROOT = pathlib.Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "examples"
sys.path.insert(0, str(ROOT / "tools"))
import browser  # noqa: E402


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


def main(program: str) -> None:
    directory = pathlib.Path(tempfile.mkdtemp(prefix="affectd-recipes-"))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    affectd = start_affectd(program, directory, port)
    try:
        try_browser(directory, port)
    finally:
        affectd.terminate()
        affectd.wait()
        affectd.stderr.close()
        shutil.rmtree(directory, ignore_errors=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
