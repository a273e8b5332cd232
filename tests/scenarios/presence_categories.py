# SPDX-License-Identifier: MIT
"""
Presence in Lync's categories (lync.md 4.8, 7.4, 7.5). An XMPP user follows a SIP user: the SUBSCRIBE with its list, the first document in the 200,
parts that change one by one, states and tokens, notes only for federated partners (lync.md 1.2), words in the partner's language, a resource list that sends
him elsewhere, a hop that wants PIDF after all. The other way round state, note, name and idle time arrive, and only what was asked for.
"""
import asyncio
from datetime import datetime, timedelta, timezone

from _presence import dialog_of, nothing_shown, notified, shown
from peers import documents

LABS = [("prosody", "lync"), ("ejabberd", "lync")]
OPTIONS = {"hop pool01": {"presence-format": "categories"}, "partner stranger.example": {"partner-type": "public-verified", "language": "de"}}
IDLE = "{urn:xmpp:idle:1}idle"
# lync.md 3.3: what the stub publishes, what bob sees, what a public partner reads (in German, but for the show as bob).
STATES = [("busy", "dnd", "Busy", "Besch\u00e4ftigt"), ("on-the-phone", "dnd", "In a call", "Besch\u00e4ftigt"),
          ("in-a-meeting", "dnd", "In a meeting", "Besch\u00e4ftigt"), ("do-not-disturb", "dnd", "Do not disturb", "Bitte nicht st\u00f6ren"),
          ("be-right-back", "away", "Be right back", "Bin gleich zur\u00fcck"), ("away", "away", "Away", "Abwesend"),
          ("off-work", "xa", "Off work", "Abwesend"), ("available", "", "", "")]


async def scenario(lab):
    stub = await lab.front_end()
    bob = await lab.user(lab.bob)
    await bob_watches(lab, stub, bob)
    await alice_watches(lab, stub, bob)
    await eve_watches(lab, stub)
    await falls_back(lab, stub, bob)


async def bob_watches(lab, stub, bob):
    uri = f"sip:{lab.alice}"
    stub.piggyback, stub.first_notify = True, None
    stub.users[lab.alice].note = "Back at <noon>"
    bob.subscribe(lab.alice)
    request = await stub.wait_request("SUBSCRIBE", user=lab.alice, peer=lab.bob)   # what it must say is checked by the stub
    assert documents.CATEGORIES in request.get("Accept"), request.get("Accept")
    dialog = dialog_of(stub, request)
    await shown(bob, lab.alice, "subscribed")
    await shown(bob, lab.alice, "", "lync", status="Back at <noon>")
    stub.piggyback, stub.first_notify = False, ""

    async def tell(*parts, version=1):
        answer = await stub.notify(dialog, body=documents.categories(uri, *parts), content_type=documents.CATEGORIES)
        assert answer.status == 200, answer.start

    # The note goes away, then each state; what is told twice is shown once.
    await tell(documents.category_note("", version=2))
    await shown(bob, lab.alice, "", "lync")
    for number, (state, show, status, _) in enumerate(STATES):
        for _ in range(2):
            await tell(documents.category_state(state, version=2 + number))
        await shown(bob, lab.alice, "", "lync", show, status)
    # Away for a while; an older document changes nothing; out of office.
    since = "2026-01-01T09:55:00Z"
    await tell(documents.category_state("idle", since, 20))
    seen = await shown(bob, lab.alice, "", "lync", "away", "Inactive")
    assert seen.xml.find(IDLE).get("since") == "2026-01-01T09:55:00.000Z"
    await tell(documents.category_state("available", version=19))
    await nothing_shown(bob, lab.alice, seconds=0.2)
    await tell(documents.category_note("Back in May", "OOF", 21))
    await shown(bob, lab.alice, "", "lync", "away", "Back in May")
    await tell(documents.category_note("", version=22), documents.category_state("offline", version=22))
    await shown(bob, lab.alice, "unavailable", "lync")

    # RLMI, lync.md 4.8a-resubscribe: another server has her. A new dialog, and the old one is ended.
    answer = await stub.notify(dialog, body=documents.rlmi(uri, "resubscribe"), content_type="application/rlmi+xml")
    assert answer.status == 200
    ended = await stub.wait_request("SUBSCRIBE", user=lab.alice, peer=lab.bob, check=lambda r: r.call_id == dialog.call_id)
    assert ended.get("Expires") == "0" and ended.body == request.body, "each says the same (lync.md 4.8 a)"


async def alice_watches(lab, stub, bob):
    watch = await stub.watch(lab.alice, lab.bob)

    async def next_document(dialog):
        request = await notified(stub, dialog, "active;expires=N")
        assert request.get("Content-Type") == documents.CATEGORIES
        return documents.read_presence(documents.CATEGORIES, request.body), request

    first, _ = await next_document(watch)
    assert (first["open"], first["notes"], list(first["parts"])) == (False, [], ["state", "note"]), first
    await shown(bob, lab.alice, "subscribe")
    bob.approve(lab.alice)
    seen, _ = await next_document(watch)
    assert seen["activities"] == ["available"], seen
    versions = [int(first["parts"]["state"]["version"]), int(seen["parts"]["state"]["version"])]
    assert versions[0] < versions[1] and first["parts"]["state"]["publishTime"] < seen["parts"]["state"]["publishTime"]

    # His client sends him away after five minutes; of his notes the one in the language of her domain arrives (P-121); then all are gone.
    since = datetime.now(timezone.utc) - timedelta(minutes=5)
    await asyncio.sleep(1.05)
    bob.raw(f"<presence xml:lang='de'><show>away</show><status>Sprechstunde</status><status xml:lang='en'>Office hours &amp; tea</status>"
            f"<idle xmlns='urn:xmpp:idle:1' since='{since.strftime('%Y-%m-%dT%H:%M:%SZ')}'/></presence>")
    seen, request = await next_document(watch)
    assert (seen["activities"], seen["notes"], seen["idle"]) == (["idle"], ["Office hours & tea"], since.strftime("%Y-%m-%dT%H:%M:%S.000Z")), seen
    assert request.get("Content-Language") == "en", "P-117"
    await asyncio.sleep(1.05)
    bob.presence("dnd")
    seen, _ = await next_document(watch)
    assert (seen["activities"], seen["notes"], seen["idle"]) == (["busy"], [], ""), seen

    # A second endpoint, which takes PIDF alone: the format is the dialog's.
    accept, stub.dialect.accept = stub.dialect.accept, "application/pidf+xml"
    other = await stub.watch(lab.alice, lab.bob)
    stub.dialect.accept = accept
    request = await notified(stub, other, "active;expires=N")
    assert request.get("Content-Type") == "application/pidf+xml" and b">busy<" in request.body, request.text
    await stub.refresh(other, 0)
    request = await notified(stub, other, "terminated;reason=timeout")
    assert request.get("Content-Type") == documents.CATEGORIES, "asked anew by the refresh"
    await stub.refresh(watch, 0)
    await notified(stub, watch, "terminated;reason=timeout")


async def eve_watches(lab, stub):
    """A public partner sees the state and no more; not even that something else has changed."""
    uri = f"sip:{lab.alice}"
    eve = await lab.user(lab.eve)
    stub.users[lab.alice].state, stub.users[lab.alice].note = "available", "Secret"
    eve.subscribe(lab.alice)
    dialog = dialog_of(stub, await stub.wait_request("SUBSCRIBE", user=lab.alice, peer=lab.eve))
    await shown(eve, lab.alice, "subscribed", timeout=20)
    await shown(eve, lab.alice, "", "lync")
    for number, (state, show, _, status) in enumerate(STATES):
        body = documents.categories(uri, documents.category_state(state, version=2 + number), documents.category_note(f"Note {number}", version=2 + number))
        assert (await stub.notify(dialog, body=body, content_type=documents.CATEGORIES)).status == 200
        if (show, status) != ("dnd", "Besch\u00e4ftigt") or number == 0:
            seen = await shown(eve, lab.alice, "", "lync", show, status)
            assert status == "" or seen.xml.get("{http://www.w3.org/XML/1998/namespace}lang") == "de"
    await nothing_shown(eve, lab.alice, seconds=0.2)


async def falls_back(lab, stub, bob):
    """420 says that the hop knows no lists; PIDF is asked for at once, and for the next one from the start."""
    for name in ("carol", "dora"):
        stub.users[f"{name}@{lab.domain}"] = type(stub.users[lab.alice])(name.capitalize())
    stub.fail("SUBSCRIBE", 420, Unsupported="adhoclist, categoryList")
    for name, accepts in (("carol", (True, False)), ("dora", (False,))):
        contact = f"{name}@{lab.domain}"
        bob.subscribe(contact)
        for categories in accepts:
            request = await stub.wait_request("SUBSCRIBE", user=contact, peer=lab.bob)
            assert (documents.CATEGORIES in request.get("Accept")) == categories == request.has("Require"), request.text
        await shown(bob, contact, "subscribed")
        await shown(bob, contact, "", "lync")
    lab.stoxd.wait_log("categories were refused with 420")
