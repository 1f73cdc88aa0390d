"""Follows affectd over its Unix socket, with Python's standard library alone.

    python3 affect_client.py [SOCKET]

As a program it prints a line for each value. SOCKET is needed only where affectd has another one than usual. As a module:

    from affect_client import AffectClient

    for line in AffectClient():
        if line["type"] == "affect" and "valence" in line:
            print(line["valence"], line["arousal"])

It waits for affectd where that is not there yet, and comes back when it does.
Whoever is slow gets the newest line and skips those before.
"""

from __future__ import annotations

import json
import os
import socket
import sys
import time
from collections.abc import Iterator
from typing import Any


def standard_socket() -> str:
    """Where affectd listens: in a person's session, or as the system service."""
    runtime = os.environ.get("XDG_RUNTIME_DIR")
    own = f"{runtime}/affectd/affectd.sock" if runtime else ""
    return own if own and os.path.exists(own) else "/run/affectd/affectd.sock"


class AffectClient:
    """The lines that affectd publishes, as dictionaries, for ever."""

    RETRY_SECONDS = 1.0
    LONGEST_LINE = 1 << 20

    def __init__(self, path: str | None = None) -> None:
        self._path = path

    def __iter__(self) -> Iterator[dict[str, Any]]:
        while True:
            path = self._path or standard_socket()
            try:
                with socket.socket(socket.AF_UNIX) as connection:
                    connection.connect(path)
                    yield from self._lines(connection)
            except OSError:
                pass
            # affectd is not there, or was restarted.
            time.sleep(self.RETRY_SECONDS)

    def _lines(self, connection: socket.socket) -> Iterator[dict[str, Any]]:
        rest = b""
        while piece := connection.recv(65_536):
            *lines, rest = (rest + piece).split(b"\n")
            if len(rest) > self.LONGEST_LINE:
                return
            # What has piled up meanwhile is old: of the values only the newest counts.
            messages = [json.loads(line) for line in lines if line]
            newest = max(
                (i for i, m in enumerate(messages) if m.get("type") == "affect"),
                default=-1,
            )
            for index, message in enumerate(messages):
                if message.get("type") != "affect" or index == newest:
                    yield message


def main() -> None:
    arguments = sys.argv[1:]
    if len(arguments) > 1 or arguments[:1] in (["-h"], ["--help"]):
        sys.exit(__doc__)
    path = arguments[0] if arguments else standard_socket()
    if not os.path.exists(path):
        print(f"waiting for affectd at {path}", file=sys.stderr)
    for line in AffectClient(*arguments):
        if line.get("type") == "hello":
            print(f"{line['server']} hears {line['input']}", flush=True)
        elif line.get("type") == "affect" and "valence" in line:
            values = f"valence {line['valence']:+.2f}  arousal {line['arousal']:+.2f}"
            print(f"{values}  {line['state']}", flush=True)


if __name__ == "__main__":
    try:
        main()
    except (KeyboardInterrupt, BrokenPipeError):
        pass
