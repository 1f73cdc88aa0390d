"""Sends affectd's values to OLA, the Open Lighting Architecture, which speaks Art-Net,
sACN (E1.31), DMX interfaces and more.

    python3 affect_to_ola.py [--universe 1] [--first 1] [--values red,green,blue]
                             [--socket PATH]

A channel for each value, from the first one on: valence and arousal, from 0 (-1) to
255 (1), or red, green, blue, hue and saturation of the mood's colour, from 0 to 255.
It needs olad, which listens on this machine, and the standard library.
"""

from __future__ import annotations

import argparse
import http.client
import sys
import urllib.parse
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "python"))

from affect_client import AffectClient  # noqa: E402

CHANNELS = 512
VALUES = ("valence", "arousal", "red", "green", "blue", "hue", "saturation")


def set_dmx(universe: int, levels: list[int]) -> None:
    """By olad's own web server."""
    connection = http.client.HTTPConnection("127.0.0.1", 9090, timeout=2)
    body = urllib.parse.urlencode({"u": universe, "d": ",".join(map(str, levels))})
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    connection.request("POST", "/set_dmx", body, headers)
    answer = connection.getresponse()
    text = answer.read().decode(errors="replace")
    connection.close()
    if answer.status != 200 or text.strip() != "ok":
        raise OSError(f"olad: {answer.status} {text.strip()}")


def level(line: dict[str, Any], name: str) -> int:
    """What a channel gets for a value of this line."""
    colors = ["red", "green", "blue"]
    if name in colors:
        return round(255 * line["color"]["rgb"][colors.index(name)])
    if name in ("hue", "saturation"):
        return round(255 * line["color"][name])
    return round(255 * (line[name] + 1) / 2)


def main() -> None:
    parser = argparse.ArgumentParser(description="Sends affectd's values to OLA.")
    parser.add_argument("--universe", type=int, default=1)
    parser.add_argument("--first", type=int, default=1, help="the first channel")
    parser.add_argument(
        "--values", default="valence,arousal", help=f"in this order: {', '.join(VALUES)}"
    )
    parser.add_argument("--socket", help="affectd's, if it is not in its usual place")
    options = parser.parse_args()
    names = options.values.split(",")
    if unknown := [name for name in names if name not in VALUES]:
        parser.error(f"--values: there is no {unknown[0]}: {', '.join(VALUES)}")
    if not 1 <= options.first <= CHANNELS - len(names) + 1:
        parser.error(f"--first must be from 1 to {CHANNELS - len(names) + 1}")
    levels = [0] * CHANNELS
    for line in AffectClient(options.socket):
        if line.get("type") != "affect" or "valence" not in line:
            continue
        new = [level(line, name) for name in names]
        levels[options.first - 1 : options.first - 1 + len(new)] = new
        try:
            set_dmx(options.universe, levels)
            print(*new, flush=True)
        except OSError as error:
            # olad may be restarted, and come back.
            print(f"affect_to_ola.py: {error}", file=sys.stderr)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        pass
