# SPDX-License-Identifier: MIT
"""
A SIP user follows an XMPP user (lync.md 7.5, RFC 8048 s5.3.1): SUBSCRIBE answered at once (P-50), a NOTIFY that says what is known (P-52), one XMPP
`subscribe`; after Bob's yes documents over all his resources (P-110 to P-127; lync: one aggregated tuple, simple: one each), and not too many (P-56).
"""
import asyncio

from _presence import document, microsoft, no_notify, notified, nothing_shown, offline, shown
from peers.sipmsg import tag_of

LABS = [("prosody", "lync"), ("ejabberd", "lync"), ("prosody", "simple"), ("ejabberd", "simple")]
NICK = "{http://jabber.org/protocol/nick}nick"


async def scenario(lab):
    stub = await lab.front_end()
    lync = lab.dialect == "lync"
    desk = await lab.user(lab.bob, resource="desk")

    # The answer, and the first NOTIFY: nobody has said yes.
    watch = await stub.watch(lab.alice, lab.bob)
    answer, granted = watch.answer, 28800 if lync else 3600
    assert answer.status == 200 and answer.get("Expires") == str(granted) and tag_of(answer.get("To"))
    assert answer.get("Contact") == f"<sip:bob@xgw.{lab.domain}:5061;transport={lab.options.transport}{'' if lync else ';gr'}>"
    assert not answer.has("Supported") and not answer.has("Event"), "neither BENOTIFY nor piggyback is promised; P-171"
    first = await notified(stub, watch, "active;expires=N" if lync else "pending;expires=N")
    assert first.get("Subscription-State").endswith(f"expires={granted}"), first.get("Subscription-State")
    assert document(first) == offline(lab) if lync else first.body == b""
    request = await shown(desk, lab.alice, "subscribe")
    assert request.id and request.xml.findtext(NICK) == "Alice", "her name goes along (P-75)"
    await nothing_shown(desk, lab.alice, seconds=1.2)
    no_notify(stub, watch)

    async def next_document():
        return document(await notified(stub, watch, "active;expires=N"))

    # His yes: the presence of the device that is there.
    desk.approve(lab.alice)
    if not lync:
        assert await next_document() == offline(lab), "active at once, what is known follows (P-53)"
    assert await next_document() == (microsoft("open", "available") if lync else [("ID-desk", "open", None, "0", None, None)])
    assert (await desk.roster())[lab.alice] == "from"

    # Each state; `away` while the other device, which has the higher priority, is there.
    phone = await lab.user(lab.bob, resource="phone", presence=False)
    phone.presence("away", "At lunch & <out>", priority=64)
    if lync:
        assert await next_document() == microsoft("open", "away", "At lunch & <out>")
    else:
        assert await next_document() == [("ID-desk", "open", None, "0", None, "away"),
                                         ("ID-phone", "open", "away", "0.503", "At lunch & <out>", "away")]
    for show, word, priority, q in (("dnd", "busy", 127, "1"), ("xa", "away", 1, "0.007"), ("chat", "available", 5, "0.039")):
        await asyncio.sleep(1.05)
        phone.presence(show, priority=priority)
        if lync:
            assert await next_document() == microsoft("open", word), show
        else:
            activity = None if show == "chat" else word
            assert await next_document() == [("ID-desk", "open", None, "0", None, activity), ("ID-phone", "open", show, q, None, activity)]

    # The device with the higher priority speaks; with the same one the more available. What changes nothing for her is not sent to a front end.
    await asyncio.sleep(1.05)
    desk.presence("dnd", priority=5)
    if not lync:
        assert [entry[2:4] for entry in await next_document()] == [("dnd", "0.039"), ("chat", "0.039")]
    await asyncio.sleep(1.2)
    no_notify(stub, watch)

    # Ten changes within a second: at once, and once more with the last one (P-56: at least a second between two).
    await asyncio.sleep(1.05)
    for n in range(9):
        phone.presence("away" if n % 2 else "dnd", priority=5)
        await asyncio.sleep(0.08)
    phone.presence("xa", "the last", priority=7)
    await asyncio.sleep(1.6)
    sent = [r for r in stub.unexpected("NOTIFY") if r.call_id == watch.call_id]
    assert len(sent) == 2, f"{len(sent)} NOTIFYs for ten changes within a second"
    for _ in sent:
        last = await next_document()
    assert last == (microsoft("open", "away", "the last") if lync else [("ID-desk", "open", "dnd", "0.039", None, "away"),
                                                            ("ID-phone", "open", "xa", "0.055", "the last", "away")]), last

    # One leaves, and then the other.
    await phone.logout()
    assert await next_document() == (microsoft("open", "busy") if lync else [("ID-desk", "open", "dnd", "0.039", None, "busy")])
    await asyncio.sleep(1.05)
    await desk.logout()
    assert await next_document() == offline(lab)
    await asyncio.sleep(1.2)
    no_notify(stub, watch)

    # A refresh is answered with what is known (P-57), and he is back when he is back.
    await stub.refresh(watch, 1800)
    again = await notified(stub, watch, "active;expires=N")
    assert again.get("Subscription-State").endswith("expires=1800") and document(again) == offline(lab)
    await lab.user(lab.bob, resource="desk")
    assert await next_document() == (microsoft("open", "available") if lync else [("ID-desk", "open", None, "0", None, None)])
    assert not stub.unexpected("SUBSCRIBE"), "she does not follow herself"
