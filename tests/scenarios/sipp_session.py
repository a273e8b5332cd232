# SPDX-License-Identifier: MIT
"""
sipp 3.6.1 and a simple hop: a session that sipp opens (RFC 7573), whose answer lists all that is taken (S-24), with a MESSAGE in each direction, and
sipp as a watcher (RFC 3856, 6665).
"""
import asyncio
import re

from _chat import messages, nothing_more
from _sipp import Sipp, needed, watches

LABS = [("prosody", "simple"), ("ejabberd", "simple")]


async def scenario(lab):
    needed()
    bob = await lab.user(lab.bob, resource="desk")

    async with Sipp(lab, "session") as sipp:
        seen = await bob.wait_message(lab.alice)
        assert seen.body == "Hello in the session\n" and seen.type == "chat", (seen.body, seen.type)
        assert seen.xml.findtext("{jabber:client}thread"), "one thread for a session"
        # sipp takes what comes in one order: the answer to its message first.
        await asyncio.to_thread(lab.stoxd.wait_log, r"message sip->xmpp .*: delivered", 5)
        bob.send(lab.alice, "Hello back")
        types = re.search(r"^a=accept-types:(text/plain .*)$", sipp.messages(), re.M)
        assert types and {"message/cpim", "application/im-iscomposing+xml"} <= set(types.group(1).split()), sipp.messages()
    await asyncio.to_thread(lab.stoxd.wait_log, r"message xmpp->sip .*: delivered", 5)
    await nothing_more(bob)

    await watches(lab, bob)
    assert not messages(bob)
