"""Receives OSC bundles with python-osc and prints each as a JSON object.

The first line is the port that it listens on.
"""

import json
import socket

from pythonosc.osc_bundle import OscBundle

receiver = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
receiver.bind(("127.0.0.1", 0))
print(receiver.getsockname()[1], flush=True)
while True:
    bundle = OscBundle(receiver.recv(65536))
    values = {message.address: message.params[0] for message in bundle}
    print(json.dumps(values), flush=True)
