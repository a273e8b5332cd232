# SPDX-License-Identifier: MIT
"""
The end of a subscription to a SIP user: Bob unsubscribes (RFC 8048 s5.2.3, P-25 to P-27); the SIP side rejects him, or she does not exist any more
(P-85, P-88); `deactivated` brings a new subscription at once and `probation` one after the time given (P-83, P-84).
"""
import asyncio
import time

from _presence import Heard, PIDF, add_user, follow, nothing_shown, resource_of, shown, shown_available
from peers.sipmsg import tag_of

LABS = [("prosody", "lync"), ("ejabberd", "lync"), ("prosody", "simple")]
LIMIT = 120
RETRY_AFTER = 31   # longer than our own 30 s


async def scenario(lab):
    heard = Heard()
    stub = await lab.front_end(heard.hook)
    bob = await lab.user(lab.bob)
    carol, dora, erin, frank = (add_user(stub, lab, name) for name in ("carol", "dora", "erin", "frank"))
    unsubscribed, rejected, gone, moved, tried = [await follow(lab, stub, bob, user) for user in (lab.alice, carol, dora, erin, frank)]
    began, resource = time.monotonic(), resource_of(lab)

    # On probation: she is not seen meanwhile.
    assert (await stub.notify(tried, f"terminated;reason=probation;retry-after={RETRY_AFTER}", b"")).status == 200
    asked_to_wait = time.monotonic()
    await shown(bob, frank, "unavailable", resource)

    # Bob does not want any more: Expires 0 in the dialog, the last NOTIFY is taken, nothing is heard afterwards.
    bob.unsubscribe(lab.alice)
    request = await stub.wait_request("SUBSCRIBE", user=lab.alice)
    assert request.call_id == unsubscribed.call_id and tag_of(request.get("To")) == unsubscribed.local_tag
    assert request.get("CSeq") == "2 SUBSCRIBE" and request.get("Expires") == "0"
    assert request.get("Accept") == PIDF and request.get("Event") == "presence" and request.get("Contact") == unsubscribed.request.get("Contact")
    await shown(bob, lab.alice, "unavailable", resource)
    for _ in range(40):
        if len(heard.statuses(unsubscribed)) == 2:
            break
        await asyncio.sleep(0.05)
    assert heard.statuses(unsubscribed) == [200, 200], "the last one is taken as well (P-26)"
    assert (await stub.notify(unsubscribed)).status == 481, "and no other (P-27)"
    await nothing_shown(bob, lab.alice)
    assert (await bob.roster())[lab.alice] == "none"

    # She refuses him, or is no more.
    for user, dialog, reason in ((carol, rejected, "rejected"), (dora, gone, "noresource")):
        assert (await stub.notify(dialog, f"terminated;reason={reason}", b"")).status == 200
        await shown(bob, user, "unavailable", resource)
        await shown(bob, user, "unsubscribed")
        assert (await stub.notify(dialog)).status == 481
        assert (await bob.roster())[user] == "none"

    # He may ask again, and may be let in.
    again = await follow(lab, stub, bob, carol)
    assert again.call_id != rejected.call_id and not tag_of(again.request.get("To"))

    # Moved to another front end: a new subscription at once, and Bob sees nothing of it.
    await asyncio.sleep(max(0, began + 10.3 - time.monotonic()))
    assert (await stub.notify(moved, "terminated;reason=deactivated", b"")).status == 200
    request = await stub.wait_request("SUBSCRIBE", user=erin, timeout=1.5)
    assert request.call_id != moved.call_id and not tag_of(request.get("To")) and int(request.get("Expires")) > 0
    await nothing_shown(bob, erin, seconds=1)
    assert [a.status for a in await stub.set_presence(erin, "busy")] == [200]
    await shown(bob, erin, "", resource, "dnd", "Busy", "" if lab.dialect == "lync" else "102")

    # After probation: not before the time, no new `subscribed`, presence is back.
    request = await stub.wait_request("SUBSCRIBE", user=frank, timeout=1.3 * RETRY_AFTER)
    assert time.monotonic() - asked_to_wait >= RETRY_AFTER, "too soon"
    assert request.call_id != tried.call_id and not tag_of(request.get("To"))
    await shown_available(lab, bob, frank)
    await nothing_shown(bob, lab.alice, carol, dora, erin, frank)
    assert not stub.unexpected("SUBSCRIBE") and not stub.unexpected("NOTIFY"), "nothing else was asked, and we notify nobody (Q-16)"
