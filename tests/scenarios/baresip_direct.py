# SPDX-License-Identifier: MIT
"""
baresip 1.0.0 as the next hop of a simple hop, over mutual TLS without anything in between: messages in both directions, she follows bob, and bob
follows her (she is her own notifier).
"""
from _baresip import Baresip, follows, needed, talks
from _chat import messages, nothing_more

LABS = [("prosody", "simple")]
TRANSPORT = "tls"


async def scenario(lab):
    needed()
    p = lab.places
    alice = Baresip(lab, p.frontend, p.sip, (p.gateway, p.sip), False, lab.bob)
    alice.prepare([f"pool01.{lab.domain}"])
    bob = await lab.user(lab.bob, resource="desk")
    async with alice:
        await follows(lab, alice, bob)
        await talks(lab, alice, bob)

        # She notifies bob herself.
        bob.subscribe(lab.alice)
        await bob.wait_presence(lab.alice, "subscribed")
        await alice.tell("presence_online")
        await bob.wait_presence(lab.alice, show="")
        await alice.tell("presence_offline")
        await bob.wait_presence(lab.alice, "unavailable")
        bob.unsubscribe(lab.alice)
        await nothing_more(bob)
        assert not messages(bob)
