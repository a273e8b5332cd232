# SPDX-License-Identifier: MIT
"""
Several SIP users, each at several endpoints, follow one XMPP user (lync.md 4.8 b): one XMPP `subscribe` for each pair (P-62), each dialog is notified and ends
alone. And several XMPP users follow one SIP user: a dialog each.
"""
import asyncio

from _presence import add_user, document, follow, microsoft, no_notify, notified, nothing_shown, offline, resource_of, shown

LABS = [("prosody", "lync"), ("ejabberd", "lync"), ("prosody", "simple")]


async def scenario(lab):
    stub = await lab.front_end()
    lync = lab.dialect == "lync"
    bob = await lab.user(lab.bob, resource="desk")
    carol = add_user(stub, lab, "carol")

    def says(show=""):
        if lync:
            return microsoft("open", show or "available")
        return [("ID-desk", "open", show or None, "0", None, show or None)]

    # Two endpoints of Alice and one of Carol, before Bob says anything: he is asked once for each.
    first, second = [await stub.watch(lab.alice, lab.bob) for _ in range(2)]
    other = await stub.watch(carol, lab.bob)
    for watch in (first, second, other):
        request = await notified(stub, watch, "active;expires=N" if lync else "pending;expires=N")
        assert document(request) == offline(lab) if lync else not request.body
    await shown(bob, lab.alice, "subscribe")
    await shown(bob, carol, "subscribe")
    await nothing_shown(bob, lab.alice, carol)

    async def all_see(*watches, what):
        for watch in watches:
            while (had := document(await notified(stub, watch, "active;expires=N"))) != what:
                assert not lync and had == offline(lab), had
        for watch in (first, second, other):
            no_notify(stub, watch)

    # Yes to Alice alone; then to Carol.
    bob.approve(lab.alice)
    await all_see(first, second, what=says())
    bob.approve(carol)
    await all_see(other, what=says())

    # A third endpoint asks nobody, and sees at once what is known.
    third = await stub.watch(lab.alice, lab.bob)
    request = await notified(stub, third, "active;expires=N")
    assert document(request) == says()
    await asyncio.sleep(1.05)
    bob.presence("away")
    await all_see(first, second, third, other, what=says("away"))

    # One endpoint ends: the others go on, and Bob sees Alice stay. With her last one she goes.
    await stub.refresh(first, 0)
    assert document(await notified(stub, first, "terminated;reason=timeout")) == offline(lab)
    await nothing_shown(bob, lab.alice, carol)
    await asyncio.sleep(1.05)
    bob.presence()
    await all_see(second, third, other, what=says())
    for watch in (second, third):
        await stub.refresh(watch, 0)
        await notified(stub, watch, "terminated;reason=timeout")
    await shown(bob, lab.alice, "unavailable")
    await nothing_shown(bob, lab.alice, carol)
    await asyncio.sleep(1.05)
    bob.presence("dnd")
    await all_see(other, what=says("busy") if lync else [("ID-desk", "open", "dnd", "0", None, "busy")])

    # The other direction: a dialog for each XMPP user, and each sees her.
    dave = await lab.user(f"dave@{lab.setting.partner}")
    dialogs = [await follow(lab, stub, user, carol) for user in (bob, dave)]
    assert dialogs[0].call_id != dialogs[1].call_id
    assert [a.status for a in await stub.set_presence(carol, "busy")] == [200, 200]
    for user in (bob, dave):
        await shown(user, carol, "", resource_of(lab), "dnd", "Busy", "" if lync else "102")
    dave.unsubscribe(carol)
    request = await stub.wait_request("SUBSCRIBE", user=carol, peer=dave.jid)
    assert request.call_id == dialogs[1].call_id and request.get("Expires") == "0"
    await shown(dave, carol, "unavailable", resource_of(lab))
    assert [a.status for a in await stub.set_presence(carol, "away")] == [200]
    await shown(bob, carol, "", resource_of(lab), "away", "Away", "" if lync else "102")
    await nothing_shown(bob, carol)
    await nothing_shown(dave, carol, seconds=0.1)
