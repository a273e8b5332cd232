# SPDX-License-Identifier: MIT
"""
Two next hops over UDP: nobody listens at the first, which ICMP says at once; the same request goes to the second one, sipp, and the sender hears of
nothing (R-32). What comes next goes there without a try at the first.
"""
import time

from _chat import messages, nothing_more
from _sipp import Sipp, needed
from _two import logged

LABS = [("prosody", "simple")]
TRANSPORT = "udp"
OPTIONS = {"hop pool01": {"next-hop": "udp:fe02.contoso.example:5061 udp:fe01.contoso.example:5061"}}


async def scenario(lab):
    needed()
    bob = await lab.user(lab.bob, resource="desk")
    began = time.monotonic()
    async with Sipp(lab, "page-in"):
        bob.send(lab.alice, "Hello Alice, this is Bob")
    assert time.monotonic() - began < 8, "not by a time-out"
    await logged(lab, r"server fe02\.\S+ \S+ is down: the network says that nobody listens there")
    async with Sipp(lab, "page-in"):
        bob.send(lab.alice, "Hello Alice, this is Bob")
    await nothing_more(bob)
    assert not messages(bob), "no error"
