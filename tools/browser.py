"""Drives a headless Chromium over its DevTools protocol, for tests of the web page and for pictures."""

import base64
import json
import os
import shutil
import subprocess
import tempfile
import time
import urllib.request

import websocket

PROGRAMS = ["chromium", "chromium-browser", "google-chrome"]


def program() -> str | None:
    """The browser that is installed, if any."""
    return next((path for path in map(shutil.which, PROGRAMS) if path), None)


class Browser:
    """A running browser. Pages are opened with `open`."""

    def __init__(self) -> None:
        self.directory = tempfile.mkdtemp(prefix="affectd-browser-")
        # As root, as in a container, Chromium has no sandbox.
        unconfined = ["--no-sandbox"] if os.geteuid() == 0 else []
        self.process = subprocess.Popen(
            [program(), "--headless=new", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars",
             "--no-first-run", "--disable-background-networking", "--remote-debugging-port=0",
             f"--user-data-dir={self.directory}", "about:blank", *unconfined],
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        for line in self.process.stderr:
            if line.startswith("DevTools listening on "):
                self.port = int(line.split(":")[2].split("/")[0])
                break
        else:
            raise RuntimeError("the browser did not start")

    def open(self, address: str, width: int = 1280, height: int = 720, scale: float = 1) -> "Page":
        """A new page of this size."""
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}/json/new?about:blank", method="PUT")
        with urllib.request.urlopen(request) as answer:
            page = Page(json.load(answer)["webSocketDebuggerUrl"])
        page.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=scale, mobile=False)
        page.call("Page.navigate", url=address)
        return page

    def close(self) -> None:
        self.process.terminate()
        self.process.wait()
        self.process.stderr.close()
        shutil.rmtree(self.directory, ignore_errors=True)


class Page:
    """A page of the browser. What it logs and asks the network for is kept."""

    def __init__(self, address: str) -> None:
        self.socket = websocket.create_connection(address, timeout=60, suppress_origin=True)
        self.number = 0
        self.errors: list[str] = []
        self.requests: list[str] = []
        for domain in ["Page", "Runtime", "Log", "Network"]:
            self.call(f"{domain}.enable")

    def call(self, method: str, **parameters) -> dict:
        """Asks the browser for something, and returns its answer."""
        self.number += 1
        self.socket.send(json.dumps({"id": self.number, "method": method, "params": parameters}))
        while True:
            message = json.loads(self.socket.recv())
            if message.get("id") == self.number:
                if "error" in message:
                    raise RuntimeError(f"{method}: {message['error']}")
                return message["result"]
            self._note(message)

    def _note(self, message: dict) -> None:
        method, parameters = message.get("method"), message.get("params", {})
        if method == "Runtime.exceptionThrown":
            self.errors.append(json.dumps(parameters["exceptionDetails"]))
        elif method == "Log.entryAdded" and parameters["entry"]["level"] == "error":
            self.errors.append(parameters["entry"]["text"])
        elif method == "Network.requestWillBeSent":
            self.requests.append(parameters["request"]["url"])
        elif method == "Network.webSocketCreated":
            self.requests.append(parameters["url"])

    def evaluate(self, expression: str):
        """The value of a JavaScript expression."""
        result = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in result:
            raise RuntimeError(f"{expression}: {result['exceptionDetails']}")
        return result["result"].get("value")

    def text(self, identifier: str) -> str:
        return self.evaluate(f"document.getElementById({json.dumps(identifier)}).textContent")

    def wait(self, expression: str, seconds: float = 30) -> None:
        """Waits until the expression is true."""
        end = time.monotonic() + seconds
        while not self.evaluate(expression):
            if time.monotonic() > end:
                raise TimeoutError(expression)

    def press(self, key: str) -> None:
        """A key: a character, or Enter or Escape."""
        parameters = {"key": key, "text": {"Enter": "\r", "Escape": ""}.get(key, key)}
        parameters["windowsVirtualKeyCode"] = {"Enter": 13, "Escape": 27}.get(key, ord(key[0].upper()))
        self.call("Input.dispatchKeyEvent", type="keyDown", **parameters)
        self.call("Input.dispatchKeyEvent", type="keyUp", key=key)

    def picture(self, path: str) -> None:
        """Writes what can be seen, as PNG."""
        data = base64.b64decode(self.call("Page.captureScreenshot", format="png")["data"])
        with open(path, "wb") as file:
            file.write(data)
