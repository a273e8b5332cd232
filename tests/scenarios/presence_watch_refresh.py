# SPDX-License-Identifier: MIT
"""
The life of the subscription to a SIP user (RFC 8048 s5.2.2, RFC 6665 s4.1.2.2): refreshed in its dialog before the granted time is over (P-20, P-21);
481 to a refresh brings a new SUBSCRIBE (P-33), as does its end at the front end (P-86), and Bob sees nothing of either; when no answer comes, what is
shown is withdrawn with the expiry (promise 5), and the authorisation kept.
"""
import time

from _presence import Heard, PIDF, add_user, follow, nothing_shown, resource_of, shown
from peers.sipmsg import tag_of

LABS = [("prosody", "lync"), ("prosody", "simple")]
GRANTED = 12   # 80 to 90 % of it, but never faster than 10 s


async def scenario(lab):
    heard = Heard()
    stub = await lab.front_end(heard.hook)
    bob = await lab.user(lab.bob)
    carol, dora, erin = (add_user(stub, lab, name) for name in ("carol", "dora", "erin"))
    timed_out = await follow(lab, stub, bob, dora)   # granted what was asked for
    stub.max_expires = GRANTED
    refreshed, forgotten, silent = [await follow(lab, stub, bob, user) for user in (lab.alice, carol, erin)]
    began = time.monotonic()
    stub.fail("SUBSCRIBE", 481, user=carol, in_dialog_only=True)
    stub.fail("SUBSCRIBE", "silence", times=9, user=erin, in_dialog_only=True)

    # In the dialog, and in time.
    request = await stub.wait_request("SUBSCRIBE", user=lab.alice, timeout=GRANTED)
    assert 0.8 * GRANTED - 0.3 <= time.monotonic() - began, "too soon"
    first = refreshed.request
    assert request.call_id == first.call_id and tag_of(request.get("To")) == refreshed.local_tag
    assert request.get("CSeq") == "2 SUBSCRIBE" and request.get("From") == first.get("From")
    for name in ("Accept", "Event", "Expires", "Contact"):
        assert request.all(name) == first.all(name), name
    assert request.get("Accept") == PIDF and request.body == b""

    # What changed with the refresh is seen, once.
    assert [a.status for a in await stub.set_presence(lab.alice, "busy")] == [200]
    await shown(bob, lab.alice, "", resource_of(lab), "dnd", "Busy", "" if lab.dialect == "lync" else "102")

    # 481: a new dialog at once; she stays as she is.
    refused = await stub.wait_request("SUBSCRIBE", user=carol, timeout=GRANTED)
    assert refused.call_id == forgotten.call_id and refused.get("CSeq") == "2 SUBSCRIBE"
    again = await stub.wait_request("SUBSCRIBE", user=carol, timeout=2)
    assert again.call_id != forgotten.call_id and not tag_of(again.get("To")) and again.get("CSeq") == "1 SUBSCRIBE"
    assert tag_of(again.get("From")) != tag_of(forgotten.remote) and not again.has("Route")

    # The front end says that its time is over: the same.
    assert (await stub.notify(timed_out, "terminated;reason=timeout", b"")).status == 200
    again = await stub.wait_request("SUBSCRIBE", user=dora, timeout=2)
    assert again.call_id != timed_out.call_id and not tag_of(again.get("To"))

    # No answer: until the granted time is over she stays, then nobody knows.
    await stub.wait_request("SUBSCRIBE", user=erin, timeout=GRANTED)
    await shown(bob, erin, "unavailable", resource_of(lab), timeout=GRANTED)
    assert GRANTED - 0.3 <= time.monotonic() - began <= GRANTED + 2.5
    stray = await stub.notify(silent)
    assert stray.status == 481, "the dialog is over (P-27)"
    await nothing_shown(bob, lab.alice, carol, dora, erin, seconds=1)

    # The new dialogs work, each alone, and Bob's server still takes him for subscribed.
    for user in (carol, dora):
        assert [a.status for a in await stub.set_presence(user, "away")] == [200], "one dialog"
        await shown(bob, user, "", resource_of(lab), "away", "Away", "" if lab.dialect == "lync" else "102")
    roster = await bob.roster()
    assert [roster[user] for user in (lab.alice, carol, dora, erin)] == 4 * ["to"]
    assert 481 not in [s for d in (refreshed, forgotten, timed_out) for s in heard.statuses(d)], "every NOTIFY was taken"
    await nothing_shown(bob, lab.alice, carol, dora, erin, seconds=0.2)
    assert not stub.unexpected("NOTIFY"), "we are no notifier here (Q-16)"
