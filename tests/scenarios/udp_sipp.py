# SPDX-License-Identifier: MIT
"""
sipp 3.6.1 over UDP: page mode in both directions, a session that sipp opens and one that the gateway opens with a MESSAGE each way, sipp as a watcher
and as a notifier; and the gateway hears at once, by ICMP, that sipp is gone.
"""
import asyncio
import time

from _chat import fails_with, messages, nothing_more
from _sipp import Sipp, needed, watches

LABS = [("prosody", "simple")]
TRANSPORT = "udp"


async def scenario(lab):
    needed()
    bob = await lab.user(lab.bob, resource="desk")

    async with Sipp(lab, "page-out"):
        seen = await bob.wait_message(lab.alice)
        assert seen.body == "Hello Bob, this is sipp\n", repr(seen.body)
    async with Sipp(lab, "page-in"):
        bob.send(lab.alice, "Hello Alice, this is Bob")
    await asyncio.to_thread(lab.stoxd.wait_log, r"message xmpp->sip .*: delivered", 5)

    begun = lab.stoxd.log_size()
    async with Sipp(lab, "session") as sipp:
        seen = await bob.wait_message(lab.alice)
        assert seen.body == "Hello in the session\n" and seen.type == "chat", (seen.body, seen.type)
        # sipp takes what comes in one order: the answer to its message first.
        await asyncio.to_thread(lab.stoxd.wait_log, r"message sip->xmpp .*: delivered", 5, begun)
        bob.send(lab.alice, "Hello back")
    assert "transport=udp" in sipp.messages(), "our Contact says how we are reached"
    await nothing_more(bob)

    await watches(lab, bob)
    assert not messages(bob)

    # Its port is closed: nobody waits the 32 s of a transaction.
    began = time.monotonic()
    ident = bob.send(lab.alice, "into the void")
    await fails_with(bob, ident, lab.alice, "internal-server-error", "wait", "nothing was delivered")
    assert time.monotonic() - began < 5, "the ICMP error was not noticed"
    await asyncio.to_thread(lab.stoxd.wait_log, r"does not arrive: nobody listens there", 5)
