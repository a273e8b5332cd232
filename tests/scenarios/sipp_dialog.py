# SPDX-License-Identifier: MIT
"""
sipp 3.6.1 over TCP, dialogs that it opens: session timer (422, UPDATE, re-INVITE), a late CANCEL, 491, numbers out of order, unknown packages and
extensions, a target that moves, BYE and a late BYE; SUBSCRIBE with intervals that are too short or none, and refreshes (RFC 3261 s12 to s15, RFC 4028, RFC
6665; R-21, R-23, R-24, R-36, P-51).
"""
import asyncio

from _chat import nothing_more
from _sipp import Sipp, needed

LABS = [("prosody", "simple")]
TRANSPORT = "tcp"


async def scenario(lab):
    needed()
    bob = await lab.user(lab.bob, resource="desk")
    async with Sipp(lab, "dialog-in"):
        seen = await bob.wait_message(lab.alice)
        assert seen.body == "Hello in the dialog\n", seen.body
        await asyncio.sleep(0.2)   # the target moves behind it
        # sipp takes what comes in one order: the answer to its message first.
        await asyncio.to_thread(lab.stoxd.wait_log, r"message sip->xmpp .*: delivered", 5)
        bob.send(lab.alice, "Hello back")
    await asyncio.to_thread(lab.stoxd.wait_log, r"message xmpp->sip .*: delivered", 5)
    async with Sipp(lab, "dialog-subscribe"):
        await bob.wait_presence(lab.alice, "subscribe")
    await nothing_more(bob)
