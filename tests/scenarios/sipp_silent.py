# SPDX-License-Identifier: MIT
"""
sipp 3.6.1 takes a request over TCP and never answers: the transaction ends after 32 s (RFC 3261 s17.1), and bob is told what is known. A MESSAGE may have
been delivered; without a session nothing was.
"""
import asyncio

from _chat import messages, nothing_more
from _sipp import Sipp, needed

LABS = [("prosody", "simple"), ("prosody", "lync")]
TRANSPORT = "tcp"
LIMIT = 90


async def scenario(lab):
    needed()
    bob = await lab.user(lab.bob, resource="desk")
    name, words = ("page-silent", "may have been delivered") if lab.dialect == "simple" else ("session-silent", "nothing was delivered")
    clock = asyncio.get_running_loop().time
    async with Sipp(lab, name, seconds=60):
        began = clock()
        ident = bob.send(lab.alice, "Is anybody there?")
        error = await bob.wait_error("message", id=ident, timeout=45)
        assert 31.5 < clock() - began < 40, f"after {clock() - began:.1f} s"
        assert words in error.error_text, error.error_text
    assert error.condition == "remote-server-timeout", (error.condition, error.error_text)
    await nothing_more(bob)
    assert not messages(bob)
