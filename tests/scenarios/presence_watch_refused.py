# SPDX-License-Identifier: MIT
"""
The SIP side refuses a subscription: for ever (403, 489, 603: P-31), because nobody is there (404, 410, 604: P-36), or because nothing that both know
can be sent (406: P-39): Bob is told so. What passes (480, 503 with Retry-After: P-38; 423: P-32) is tried again, and Bob is not troubled with it.
"""
import time

from _presence import add_user, follow, nothing_shown, shown, shown_available
from peers.sipmsg import tag_of

LABS = [("prosody", "lync"), ("ejabberd", "lync"), ("prosody", "simple")]
LIMIT = 120
RETRY_AFTER = 31

REFUSED = [403, 489, 603]
IMPOSSIBLE = [(404, "item-not-found", "cancel"), (410, "gone", "cancel"), (604, "item-not-found", "cancel"), (484, "item-not-found", "cancel"),
              (406, "not-acceptable", "modify")]


async def scenario(lab):
    stub = await lab.front_end()
    bob = await lab.user(lab.bob)

    # What passes.
    away, busy = add_user(stub, lab, "away"), add_user(stub, lab, "busy")
    stub.fail("SUBSCRIBE", 480, user=away)
    stub.fail("SUBSCRIBE", 503, user=busy, Retry_After=str(RETRY_AFTER))
    bob.subscribe(away)
    bob.subscribe(busy)
    calls = {user: (await stub.wait_request("SUBSCRIBE", user=user)).call_id for user in (away, busy)}
    asked = time.monotonic()

    brief = add_user(stub, lab, "brief")
    stub.fail("SUBSCRIBE", 423, user=brief, Min_Expires="40000")
    bob.subscribe(brief)
    first = await stub.wait_request("SUBSCRIBE", user=brief)
    second = await stub.wait_request("SUBSCRIBE", user=brief, timeout=2)
    assert int(first.get("Expires")) < 40000 <= int(second.get("Expires")) and not tag_of(second.get("To"))
    assert second.call_id == first.call_id and second.cseq[0] == first.cseq[0] + 1, "RFC 3261 s8.1.3.5"
    await shown(bob, brief, "subscribed")
    await shown_available(lab, bob, brief)

    # No, for ever. Asking again is his right.
    for status in REFUSED:
        user = add_user(stub, lab, f"no{status}")
        stub.fail("SUBSCRIBE", status, user=user)
        bob.subscribe(user)
        await stub.wait_request("SUBSCRIBE", user=user)
        await shown(bob, user, "unsubscribed")
        assert (await bob.roster())[user] == "none"
        dialog = await follow(lab, stub, bob, user)
        assert dialog.request.get("CSeq") == "1 SUBSCRIBE"

    # Nobody there, or nothing to be had: an error for his request, with its id.
    for status, condition, kind in IMPOSSIBLE:
        user = add_user(stub, lab, f"none{status}")
        stub.fail("SUBSCRIBE", status, user=user)
        bob.raw(f"<presence type='subscribe' to='{user}' id='ask-{status}'/>")
        await stub.wait_request("SUBSCRIBE", user=user)
        error = await shown(bob, user, "error")
        assert (error.condition, error.error_type, error.id) == (condition, kind, f"ask-{status}"), (error.condition, error.error_type, error.id)
        assert str(status) in error.error_text, error.error_text
        assert (await bob.roster())[user] == "none"
        assert not stub.unexpected("SUBSCRIBE"), "not tried again"
    unknown = f"unknown@{lab.domain}"
    bob.subscribe(unknown)
    await stub.wait_request("SUBSCRIBE", user=unknown)
    error = await shown(bob, unknown, "error")
    assert error.condition == "item-not-found"

    # The second try of what passes: a new request, not before its time; nothing was said meanwhile.
    for user, least in ((away, 30), (busy, RETRY_AFTER)):
        request = await stub.wait_request("SUBSCRIBE", user=user, timeout=1.3 * RETRY_AFTER)
        assert time.monotonic() - asked >= least, "too soon"
        assert request.call_id != calls[user] and not tag_of(request.get("To")) and request.get("CSeq") == "1 SUBSCRIBE"
        await shown(bob, user, "subscribed")
        await shown_available(lab, bob, user)
    await nothing_shown(bob, away, busy, brief, unknown, *(f"no{s}@{lab.domain}" for s in REFUSED),
                        *(f"none{s}@{lab.domain}" for s, _, _ in IMPOSSIBLE))
    assert not stub.unexpected("SUBSCRIBE") and not stub.unexpected("NOTIFY")
