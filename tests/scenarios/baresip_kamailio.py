# SPDX-License-Identifier: MIT
"""
baresip 1.0.0 registered at Kamailio 5.6.3, stoxd behind Kamailio, mutual TLS on both legs: messages in both directions, bob follows what she publishes,
and she follows him.
"""
import asyncio

from _baresip import Baresip, needed, follows, talks
from _chat import messages, nothing_more
from _kamailio import behind_kamailio

LABS = [("prosody", "simple")]
TRANSPORT = "tls"
STANDS_ALONE = True


async def scenario(lab):
    needed()
    async with behind_kamailio(lab, "WITH_PASSWORD"):
        p = lab.places
        alice = Baresip(lab, p.base + ".21", p.sip, (p.frontend, p.sip), True, lab.bob)
        alice.prepare([f"alice-pc.{lab.domain}"])
        async with alice:
            bob = await lab.user(lab.bob, resource="desk")
            await alice.wait_text(r"\nCSeq: \d+ REGISTER\n")
            await follows(lab, alice, bob)
            await talks(lab, alice, bob)

            # Kamailio tells bob what she publishes. (It challenges her REGISTER: else she publishes twice before she has an entity tag, and a first
            # document of unknown state stays beside all later ones.)
            bob.subscribe(lab.alice)
            await bob.wait_presence(lab.alice, "subscribed")
            await bob.wait_presence(lab.alice, show="")
            await alice.tell("presence_offline")
            await bob.wait_presence(lab.alice, "unavailable")
            await alice.tell("presence_online")
            await bob.wait_presence(lab.alice, show="")
            bob.unsubscribe(lab.alice)
            await nothing_more(bob)
            assert not messages(bob)
