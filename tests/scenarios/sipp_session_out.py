# SPDX-License-Identifier: MIT
"""
sipp 3.6.1 and a lync hop over TCP: bob's message opens a session (INVITE, 180, 200, ACK), MESSAGE in both directions in it, BYE from either side; a
called side that takes five seconds to answer.
"""
import asyncio

from _chat import messages, nothing_more
from _sipp import Sipp, needed

LABS = [("prosody", "lync")]
TRANSPORT = "tcp"
OPTIONS = {"gateway": {"session-idle-timeout": "5"}}   # the gateway's own BYE


async def scenario(lab):
    needed()
    bob = await lab.user(lab.bob, resource="desk")
    for who, wait_ms in (("alice", 5000), ("gateway", 0)):
        async with Sipp(lab, "session-out", [(who, str(wait_ms))]) as sipp:
            since = lab.stoxd.log_size()
            began = asyncio.get_running_loop().time()
            bob.send(lab.alice, "Hello Alice")
            await bob.wait_message(lab.alice, "Hello Bob\n")
            took = asyncio.get_running_loop().time() - began
            assert took * 1000 >= wait_ms, f"after {took:.1f} s"
            await asyncio.to_thread(lab.stoxd.wait_log, r"message xmpp->sip .*: delivered", 5, since)
        assert not messages(bob), messages(bob)
        assert ("\nBYE sip:alice@" in sipp.messages()) == (who == "gateway") != ("\nBYE sip:bob@" in sipp.messages())
    await nothing_more(bob)
