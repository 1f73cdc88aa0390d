#!/usr/bin/env python3
"""The web page of a real affectd in a real browser: what can be read from it is what the socket says.

usage: web_page.py AFFECTD

Prints "ok NAME" for each check, and says SKIPPED where there is no Chromium.
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

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "tools"))
import browser  # noqa: E402


class Daemon:
    """affectd with the web page, and a client of its socket."""

    def __init__(self, program: str, directory: str, port: int) -> None:
        configuration = pathlib.Path(directory, "affectd.toml")
        configuration.write_text(
            '[input]\nsource = "demo"\n[tracking]\nhop = 0.1\n[osc]\nenabled = false\n'
            f"[web]\nenabled = true\nport = {port}\n"
            '[dmx.stage]\nprotocol = "artnet"\nuniverse = 0\nhost = "127.0.0.1"\nchannels = { 1 = "valence" }\n'
            '[dmx.away]\nprotocol = "sacn"\nuniverse = 1\ninterface = "203.0.113.9"\nchannels = { 1 = "valence" }\n')
        path = f"{directory}/affectd.sock"
        environment = {**os.environ, "XDG_STATE_HOME": f"{directory}/state"}
        self.process = subprocess.Popen(
            [program, "--config", str(configuration), "--socket", path], env=environment,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        for line in self.process.stderr:
            if "OSC to nobody" in line:
                break
        client = socket.socket(socket.AF_UNIX)
        client.connect(path)
        client.settimeout(60)
        self.client = client
        self.lines = client.makefile("rb")

    def next(self, is_wanted) -> dict:
        """The next line that is wanted."""
        while True:
            line = json.loads(self.lines.readline())
            if is_wanted(line):
                return line

    def end(self, number: int) -> None:
        self.client.close()
        self.process.send_signal(number)
        self.process.wait()
        self.process.stderr.close()


def check(name: str, is_right: bool, found: object = None) -> None:
    if not is_right:
        sys.exit(f"FAILED {name}: {found}")
    print(f"ok {name}", flush=True)


def signed(value: float) -> str:
    return f"{value:+.2f}"


def main(program: str) -> None:
    if browser.program() is None:
        print("SKIPPED: the web page was NOT looked at in a browser, because there is no Chromium", file=sys.stderr)
        return
    directory = tempfile.mkdtemp(prefix="affectd-web-")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    address = f"http://127.0.0.1:{port}/"
    chromium = browser.Browser()
    daemon = Daemon(program, directory, port)
    try:
        page = chromium.open(address)
        live = "document.getElementById('connection')?.textContent == 'live'"
        values = "/^[+-]\\d\\.\\d\\d$/.test(document.getElementById('valence')?.textContent)"
        page.wait(live)
        page.wait(values)

        outputs = "document.getElementById('destinations').textContent"
        page.wait(f"{outputs}.includes('DMX stage, 127.0.0.1: ok')")
        page.wait(f"{outputs}.includes('DMX away, 239.255.0.1: interface 203.0.113.9 is no address of this machine')")
        check("the outputs are listed with what is wrong", True)

        page.press("f")
        frozen = daemon.next(lambda line: line.get("frozen"))
        page.wait(f"document.documentElement.dataset.seq > {frozen['seq']}")
        expected = [signed(frozen["valence"]), signed(frozen["arousal"])]
        found = [page.text("valence"), page.text("arousal")]
        check("the numbers are those of the socket", found == expected, (found, expected))
        check("a freeze cannot be missed", page.text("frozen") == "frozen")

        second = chromium.open(address, 390, 844, 2)
        second.wait(live)
        second.wait(values)
        check("a second browser shows the same", [second.text("valence"), second.text("arousal")] == expected)
        width = second.evaluate("document.scrollingElement.scrollWidth")
        check("a phone does not scroll sideways", width <= 390, width)
        second.press("r")
        daemon.next(lambda line: line["type"] == "affect" and "frozen" not in line)
        page.wait("document.getElementById('frozen').textContent == ''")
        check("what one page does the other shows", True)

        page.press("m")
        for character in "solo":
            page.press(character)
        page.press("Enter")
        mark = daemon.next(lambda line: line["type"] == "mark")
        check("a mark of the page is one of the socket", mark["label"] == "solo", mark)
        second.press("p")
        page.wait("document.getElementById('paused').textContent == 'paused'")
        page.press("r")
        page.wait("document.getElementById('paused').textContent == ''")
        check("a pause and its end are seen", True)

        picture = f"{directory}/page.png"
        page.picture(picture)
        data = pathlib.Path(picture).read_bytes()
        check("there is a picture", data.startswith(b"\x89PNG") and len(data) > 20_000, len(data))

        check("nothing goes wrong on the page", not page.errors and not second.errors, page.errors + second.errors)
        others = [url for url in page.requests + second.requests
                  if not url.startswith((address, f"ws://127.0.0.1:{port}/", "data:", "about:"))]
        check("nothing is fetched from elsewhere", not others, others)

        daemon.end(signal.SIGKILL)
        page.wait("document.getElementById('connection').textContent == 'lost'", 5)
        check("a lost connection is told", True)
        daemon = Daemon(program, directory, port)
        page.wait(live)
        second.wait(live)
        page.wait(values)
        check("the page comes back by itself", True)
    finally:
        daemon.end(signal.SIGTERM)
        chromium.close()
        shutil.rmtree(directory, ignore_errors=True)


if __name__ == "__main__":
    main(sys.argv[1])
