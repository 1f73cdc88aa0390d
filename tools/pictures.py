#!/usr/bin/env python3
"""Makes the pictures of the README in docs/pictures: the live view in a terminal and in a browser, and the
curve of what was recorded meanwhile, of the demo piece.

usage: pictures.py AFFECTD AFFECTCTL FOLDER

It takes a minute and a half: the curves are to be full. Needs tmux and Chromium; `make pictures` installs them.
"""

import html
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

import browser

# What the terminal is drawn with: its own black and grey, and the colours of the view among xterm's 256.
COLORS = {214: "#ffaf00", 74: "#5fafd7", 202: "#ff5f00", 33: "#0087ff", 36: "#00af87", 245: "#8a8a8a"}
PAGE = """<!doctype html><meta charset="utf-8"><style>
body {{ margin: 0; background: #101010; }}
pre {{ margin: 12px; font: 15px/18px "DejaVu Sans Mono", monospace; color: #d8d8d8; }}
i {{ display: inline-block; width: 1ch; height: 18px; vertical-align: top; }}
</style><pre>{}</pre>"""


def cell(character: str, color: str) -> str:
    """A character of the screen. Braille is drawn dot by dot: the font has none that is as wide as its letters."""
    if not "\u2800" <= character <= "\u28ff":
        return html.escape(character)
    bits = [(0x01, 0, 0), (0x02, 0, 1), (0x04, 0, 2), (0x40, 0, 3), (0x08, 1, 0), (0x10, 1, 1), (0x20, 1, 2), (0x80, 1, 3)]
    dots = [f"radial-gradient(circle at {2.3 + 4.5 * x}px {2.3 + 4.5 * y}px, {color} 1.5px, transparent 1.9px)"
            for bit, x, y in bits if (ord(character) - 0x2800) & bit]
    return f'<i style="background:{",".join(dots)}"></i>'


def terminal_page(screen: str) -> str:
    """The screen as HTML, from what `tmux capture-pane -e` gives: text with the sequences of its colours."""
    parts, style = [], {}
    for piece in re.split(r"(\x1b\[[0-9;]*m)", screen):
        match = re.fullmatch(r"\x1b\[([0-9;]*)m", piece)
        if match:
            codes = [int(code or 0) for code in match[1].split(";")]
            while codes:
                code = codes.pop(0)
                if code == 0:
                    style = {}
                elif code == 1:
                    style["font-weight"] = "bold"
                elif code == 7:
                    style |= {"color": "#101010", "background": "#d8d8d8"}
                elif code == 39:
                    style.pop("color", None)
                elif code == 38 and codes[:1] == [5]:
                    style["color"] = COLORS.get(codes[1], "#d8d8d8")
                    codes = codes[2:]
        elif piece:
            css = ";".join(f"{key}:{value}" for key, value in style.items())
            text = "".join(cell(character, style.get("color", "#d8d8d8")) for character in piece)
            parts.append(f'<span style="{css}">{text}</span>')
    return PAGE.format("".join(parts))


def main(affectd: str, affectctl: str, folder: str) -> None:
    if browser.program() is None or shutil.which("tmux") is None:
        sys.exit("pictures.py: needs Chromium and tmux")
    directory = tempfile.mkdtemp(prefix="affectd-pictures-")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    configuration = pathlib.Path(directory, "affectd.toml")
    configuration.write_text(
        f'[input]\nsource = "demo"\n[tracking]\nhop = 0.25\n[web]\nenabled = true\nport = {port}\n')
    path = f"{directory}/affectd.sock"
    daemon = subprocess.Popen(
        [affectd, "--config", str(configuration), "--socket", path],
        env={**os.environ, "XDG_STATE_HOME": directory}, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE, text=True)
    for line in daemon.stderr:
        if "OSC to" in line:
            break

    def tmux(*arguments: str) -> str:
        command = ["tmux", "-u", "-L", "affectd-pictures", "-f", "/dev/null", *arguments]
        environment = {**os.environ, "LANG": "C.UTF-8"}
        environment.pop("NO_COLOR", None)
        return subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout

    recording = f"{directory}/show.jsonl"
    recorder = subprocess.Popen([affectctl, "record", recording, "--socket", path], stderr=subprocess.DEVNULL)
    chromium = browser.Browser()
    try:
        tmux("new-session", "-d", "-x", "100", "-y", "28",
             f"TERM=tmux-256color {affectctl} monitor --socket {path}")
        address = f"http://127.0.0.1:{port}/"
        page = chromium.open(address, 1280, 720)
        phone = chromium.open(address, 390, 844, 1)
        time.sleep(40)
        for label, pause in [("second set", 20), ("solo", 15)]:
            subprocess.run([affectctl, "mark", label, "--socket", path], check=True, stdout=subprocess.DEVNULL)
            time.sleep(pause)
        page.picture(f"{folder}/page.png")
        phone.picture(f"{folder}/phone.png")
        written = pathlib.Path(directory, "monitor.html")
        written.write_text(terminal_page(tmux("capture-pane", "-p", "-e")))
        terminal = chromium.open(written.as_uri(), 940, 530)
        terminal.wait("document.readyState == 'complete'")
        terminal.picture(f"{folder}/monitor.png")
        recorder.send_signal(signal.SIGINT)
        recorder.wait()
        subprocess.run([affectctl, "plot", recording, "--plot", f"{folder}/curve.png"], check=True)
    finally:
        tmux("kill-server")
        chromium.close()
        recorder.kill()
        daemon.terminate()
        daemon.wait()
        daemon.stderr.close()
        shutil.rmtree(directory, ignore_errors=True)


if __name__ == "__main__":
    main(*sys.argv[1:4])
