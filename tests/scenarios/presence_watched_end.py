# SPDX-License-Identifier: MIT
"""
The end of a SIP user's subscription to an XMPP user: she ends it (RFC 8048 s5.3.3, P-58), Bob refuses (P-54; lync.md 7.5 F5) or takes his yes back
(P-55), the front end has forgotten the dialog (P-60). The authorisation stays where nobody has taken it back. That it runs out: presence_watched_expiry.
"""
from _presence import add_user, answer_of, document, microsoft, no_notify, notified, nothing_shown, offline, shown
from _chat import refused

LABS = [("prosody", "lync"), ("ejabberd", "lync"), ("prosody", "simple")]


async def scenario(lab):
    stub = await lab.front_end()
    lync = lab.dialect == "lync"
    online = microsoft("open", "available") if lync else [("ID-desk", "open", None, "0", None, None)]
    bob = await lab.user(lab.bob, resource="desk")

    async def begin(user, agreed=False):
        """She follows Bob, who says yes (or has done so), and sees him."""
        watch = await stub.watch(user, lab.bob)
        first = await notified(stub, watch, "active;expires=N" if lync else "pending;expires=N")
        assert document(first) == offline(lab) if lync else not first.body
        if not agreed:
            await shown(bob, user, "subscribe")
            bob.approve(user)
        while document(await notified(stub, watch, "active;expires=N")) != online:
            assert not lync, "a front end's user hears nothing twice"
        return watch

    # She ends it: the last NOTIFY says closed; Bob sees her go, and his yes holds.
    watch = await begin(lab.alice)
    await stub.refresh(watch, 0)
    assert watch.expires == 0, "Expires: 0 in the 200"
    last = await notified(stub, watch, "terminated;reason=timeout")
    assert document(last) == offline(lab)
    await shown(bob, lab.alice, "unavailable")
    refused(await answer_of(stub.refresh(watch, 600)), 481, 61012)
    bob.presence("dnd")
    await nothing_shown(bob, lab.alice, seconds=0.7)
    no_notify(stub, watch)
    bob.presence()
    assert (await bob.roster())[lab.alice] == "from"

    # Bob refuses.
    carol = add_user(stub, lab, "carol")
    watch = await stub.watch(carol, lab.bob)
    await notified(stub, watch, "active;expires=N" if lync else "pending;expires=N")
    await shown(bob, carol, "subscribe")
    bob.refuse(carol)
    if lync:
        assert await bob.quiet(lambda s: s.bare == carol, 1.2)
        await stub.refresh(watch, 600)
        assert document(await notified(stub, watch, "active;expires=N")) == offline(lab), "offline, and so it stays"
    else:
        assert not (await notified(stub, watch, "terminated;reason=rejected")).body
        again = await stub.watch(carol, lab.bob)
        assert not (await notified(stub, again, "terminated;reason=rejected")).body
    await nothing_shown(bob, carol)   # not asked again for seven days

    # Bob takes her off his roster later.
    dora = add_user(stub, lab, "dora")
    watch = await begin(dora)
    await bob.forget(dora)
    if lync:
        assert document(await notified(stub, watch, "active;expires=N")) == offline(lab)
    else:
        for _ in range(2):   # his server withdraws his presence first; whether she hears that depends on the second between two NOTIFYs
            request = await stub.wait_request("NOTIFY", check=lambda r: r.call_id == watch.call_id)
            if request.get("Subscription-State").startswith("terminated"):
                break
            assert document(request) == offline(lab), request.text
        assert request.get("Subscription-State") == "terminated;reason=rejected" and not request.body
    bob.presence("away")
    await nothing_shown(bob, dora, seconds=1.2)
    no_notify(stub, watch)
    bob.presence()

    # The front end does not know the dialog any more: it is over, and Bob sees her go.
    erin = add_user(stub, lab, "erin")
    watch = await begin(erin)
    stub.fail("NOTIFY", 481, user=erin)
    bob.presence("away")
    answered_481 = await notified(stub, watch, "active;expires=N", timeout=3)
    assert document(answered_481) != online
    await shown(bob, erin, "unavailable")
    bob.presence()
    await nothing_shown(bob, erin, seconds=1.2)
    no_notify(stub, watch)
    assert (await bob.roster())[erin] == "from"

    # And again: his yes holds.
    watch = await begin(erin, agreed=True)
    await nothing_shown(bob, lab.alice, carol, dora, erin, seconds=0.2)
