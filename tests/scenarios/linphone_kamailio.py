# SPDX-License-Identifier: MIT
"""
linphonec 5.1.65 registered at Kamailio 5.6.3, stoxd behind Kamailio, over TCP: messages in both directions, she follows bob, bob follows what she publishes.
"""
import asyncio

from _chat import messages, nothing_more
from _kamailio import behind_kamailio
from _linphone import Linphone, needed

LABS = [("prosody", "simple")]
TRANSPORT = "tcp"
STANDS_ALONE = True


async def scenario(lab):
    needed()
    async with behind_kamailio(lab, "WITH_PASSWORD"):
        p = lab.places
        alice = Linphone(lab, (p.frontend, p.sip), lab.bob)
        alice.prepare()
        bob = await lab.user(lab.bob, resource="desk")
        async with alice:
            # She follows him as soon as she is registered.
            await bob.wait_presence(lab.alice, "subscribe", timeout=20)
            bob.approve(lab.alice)
            await alice.wait_trace(r"\nSubscription-State: active")
            bob.presence(show="away")
            await alice.wait_trace(r"<rpid:away/>")

            alice.tell(f"chat sip:{lab.bob} Hello Bob")
            await bob.wait_message(lab.alice, "Hello Bob")
            bob.send(lab.alice, "Hello Alice")
            await alice.wait_text(r"Hello Alice")
            await asyncio.to_thread(lab.stoxd.wait_log, r"message xmpp->sip .*: delivered", 5)

            # Kamailio tells bob what she publishes.
            bob.subscribe(lab.alice)
            await bob.wait_presence(lab.alice, "subscribed")
            await bob.wait_presence(lab.alice, show="")
            await nothing_more(bob)
            assert not messages(bob)
