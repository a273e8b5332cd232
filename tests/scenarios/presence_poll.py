# SPDX-License-Identifier: MIT
"""
A SIP user looks once (Expires 0 out of a dialog; contact cards and search of a Lync client do so): 200 and one NOTIFY (P-164, RFC 8048 s7.2). It asks Bob
for nothing (P-166); where he had said yes the probe's answer is there for the next look (P-165), and no NOTIFY comes later.
"""
import asyncio

from _presence import add_user, document, microsoft, no_notify, notified, nothing_shown, offline, shown
from peers.sipmsg import tag_of

LABS = [("prosody", "lync"), ("ejabberd", "lync"), ("prosody", "simple")]


async def scenario(lab):
    stub = await lab.front_end()
    lync = lab.dialect == "lync"
    bob = await lab.user(lab.bob, resource="desk")

    async def look(user):
        """The document of the one NOTIFY; None without a body."""
        watch = await stub.watch(user, lab.bob, 0)
        assert watch.answer.status == 200 and watch.answer.get("Expires") == "0" and tag_of(watch.answer.get("To"))
        request = await notified(stub, watch, "terminated;reason=timeout")
        await asyncio.sleep(0.7)
        no_notify(stub, watch)
        return document(request) if request.body else None

    # Nobody has said yes: nothing to see, nothing asked, however often she looks.
    for _ in range(2):
        assert await look(lab.alice) == (offline(lab) if lync else None)
    await nothing_shown(bob, lab.alice)
    assert lab.alice not in await bob.roster()

    # Bob says yes to a real subscription, which ends; then a look sends the probe, and the next one sees its answer.
    carol = add_user(stub, lab, "carol")
    watch = await stub.watch(carol, lab.bob)
    await shown(bob, carol, "subscribe")
    bob.approve(carol)
    await stub.wait_seen(carol, lab.bob, lambda s: s["open"], "Bob available")
    await stub.refresh(watch, 0)
    await shown(bob, carol, "unavailable")
    bob.presence("away", "At lunch")
    await asyncio.sleep(0.3)
    assert await look(carol) == (offline(lab) if lync else None), "known by nobody any more"
    away = microsoft("open", "away", "At lunch") if lync else [("ID-desk", "open", "away", "0", "At lunch", "away")]
    assert await look(carol) == away
    bob.presence("dnd")
    await asyncio.sleep(0.3)
    assert await look(carol) == (microsoft("open", "busy") if lync else [("ID-desk", "open", "dnd", "0", None, "busy")])
    await nothing_shown(bob, lab.alice, carol)
    roster = await bob.roster()
    assert roster[carol] == "from" and lab.alice not in roster
