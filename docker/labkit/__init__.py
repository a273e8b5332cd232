# SPDX-License-Identifier: MIT
"""The lab: real XMPP servers, stoxd, a front-end stub and scripted users on one machine."""
import sys
from pathlib import Path

# The peers (front-end stub, XMPP users) live with the tests.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent / "tests"))
