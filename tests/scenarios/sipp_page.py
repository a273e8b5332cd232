# SPDX-License-Identifier: MIT
"""sipp 3.6.1 and a simple hop: page-mode MESSAGE in both directions over TCP (RFC 3428); the connection ends in the middle; nobody listens."""
import asyncio

from _chat import fails_with, messages, nothing_more
from _sipp import Sipp, needed

LABS = [("prosody", "simple"), ("ejabberd", "simple")]


async def scenario(lab):
    needed()
    bob = await lab.user(lab.bob, resource="desk")

    async with Sipp(lab, "page-out"):
        seen = await bob.wait_message(lab.alice)
        assert seen.body == "Hello Bob, this is sipp\n", repr(seen.body)   # sipp ends its line
        assert seen.xml.findtext("{jabber:client}subject") == "From sipp"
        assert seen.sender == lab.alice, seen.sender   # a From without a GRUU is a bare JID

    # The connection went with sipp: the next message makes one of its own.
    async with Sipp(lab, "page-in"):
        bob.send(lab.alice, "Hello Alice, this is Bob")
    await nothing_more(bob)

    # sipp ends without an answer.
    async with Sipp(lab, "page-gone"):
        ident = bob.send(lab.alice, "never answered")
    await fails_with(bob, ident, lab.alice, "internal-server-error", "wait", "may have been delivered")

    # Nobody listens any more: the sender is told so.
    ident = bob.send(lab.alice, "into the void")
    await fails_with(bob, ident, lab.alice, "internal-server-error", "wait", "nothing was delivered")
    await nothing_more(bob)
    assert not messages(bob)
    await asyncio.to_thread(lab.stoxd.wait_log, r"message xmpp->sip .*: delivered", 5)
