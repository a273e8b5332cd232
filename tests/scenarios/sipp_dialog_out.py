# SPDX-License-Identifier: MIT
"""
sipp 3.6.1 and a lync hop over TCP, the sessions that bob opens: two 200s of a fork, each ACKed and the second one ended once; 421 and 422 answered with a
better INVITE; a 200 without usable Contact (RFC 3261 s13.2.2.4, s21.4.16; RFC 4028 s7.3).
"""
import asyncio

from _chat import fails_with, nothing_more
from _sipp import Sipp, needed

LABS = [("prosody", "lync")]
TRANSPORT = "tcp"


async def delivered(lab, since):
    await asyncio.to_thread(lab.stoxd.wait_log, r"message xmpp->sip .*: delivered", 10, since)


async def scenario(lab):
    needed()
    bob = await lab.user(lab.bob, resource="desk")
    async with Sipp(lab, "dialog-forks") as sipp:
        since = lab.stoxd.log_size()
        bob.send(lab.alice, "Hello Alice")
        await delivered(lab, since)
        since = lab.stoxd.log_size()
        await asyncio.to_thread(sipp.wait_trace, "\nACK ", 10, 4)
        bob.send(lab.alice, "Still there")
        await delivered(lab, since)
    assert sipp.messages().count("\nBYE sip:two@") == 1, "one BYE for the other fork"

    async with Sipp(lab, "dialog-extensions"):
        since = lab.stoxd.log_size()
        bob.send(lab.alice, "Hello Alice")
        await delivered(lab, since)

    async with Sipp(lab, "dialog-unusable"):
        bob.raw(f"<message to='{lab.alice}' type='chat' id='m1'><body>Hello nobody</body></message>")
        await fails_with(bob, "m1", lab.alice, "internal-server-error", "wait")
    await nothing_more(bob)
