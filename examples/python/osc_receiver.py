"""Follows affectd by OSC, with python-osc (pip install python-osc).

    python3 osc_receiver.py [PORT]

affectd sends to port 9000 of its own machine if nothing else is configured.
"""

import sys

from pythonosc.dispatcher import Dispatcher
from pythonosc.osc_server import BlockingOSCUDPServer

affect = {"valence": 0.0, "arousal": 0.0}


def received(address: str, value: float) -> None:
    affect[address.rsplit("/", 1)[1]] = value
    # The two come in one bundle, valence first.
    if address.endswith("arousal"):
        print(
            f"valence {affect['valence']:+.2f}  arousal {affect['arousal']:+.2f}",
            flush=True,
        )


dispatcher = Dispatcher()
dispatcher.map("/affect/valence", received)
dispatcher.map("/affect/arousal", received)
if len(sys.argv) > 2 or not "".join(sys.argv[1:] or "9000").isdigit():
    sys.exit(__doc__)
port = int(sys.argv[1]) if len(sys.argv) > 1 else 9000
try:
    BlockingOSCUDPServer(("0.0.0.0", port), dispatcher).serve_forever()
except OSError as error:
    sys.exit(f"port {port}: {error.strerror}: another program has it; name another one")
except KeyboardInterrupt:
    pass
