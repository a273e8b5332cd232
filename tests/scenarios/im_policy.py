# SPDX-License-Identifier: MIT
"""XMPP to SIP, what does not pass: strangers, rooms, the gateway itself, errors; and what is dropped without a word (M-13, M-53 to M-55, D-10)."""
from _chat import fails_with, messages, nothing_more, page, raw, refused

LABS = [("prosody", "lync"), ("prosody", "simple")]
CHAT_STATES = "http://jabber.org/protocol/chatstates"


async def scenario(lab):
    stub = await lab.front_end()
    bob = await lab.user(lab.bob)
    eve = await lab.user(lab.eve)

    # Promise 6: a domain that is no partner, whatever it sends.
    for kind in ("chat", "normal", "headline"):
        raw(eve, lab.alice, "<body>Let me in</body>", kind, f"e-{kind}")
        await fails_with(eve, f"e-{kind}", lab.alice, "forbidden", "auth", "not an allowed partner")
    raw(eve, lab.alice, f"<composing xmlns='{CHAT_STATES}'/>")

    # M-53: a room's message to a person; M-55: the gateway is nobody to chat with; no user part, no such name.
    raw(bob, lab.alice, "<body>Hello all</body>", "groupchat", "g")
    await fails_with(bob, "g", lab.alice, "service-unavailable", "cancel")
    for target in (lab.domain, lab.domain + "/resource"):
        ident = bob.send(target, "Hello gateway")
        await fails_with(bob, ident, target, "service-unavailable", "cancel", "gateway")

    # What says nothing is not answered: states, receipts, markers, errors, an empty body.
    for inside in (f"<active xmlns='{CHAT_STATES}'/>", f"<composing xmlns='{CHAT_STATES}'/>",
                   "<received xmlns='urn:xmpp:receipts' id='x'/>", "<displayed xmlns='urn:xmpp:chat-markers:0' id='x'/>",
                   "<body/>", "<x xmlns='urn:example:unknown'/>"):
        raw(bob, lab.alice, inside, ident="quiet")
    raw(bob, lab.alice, "<body>It failed</body><error type='cancel'><gone xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>", "error", "quiet")

    # The own domain: what a front end routes in a circle ends here.
    refused(await page(stub, lab.alice, f"carol@{lab.domain}", b"Hello Carol"), 403, 61015)

    await nothing_more(bob, eve)
    assert not messages(bob) and not messages(eve)
    assert not stub.received, [request.summary() for request in stub.received]

    # Whoever is allowed still gets through, and the same origin-id is the same message (promise 4).
    for _ in range(2):
        raw(bob, lab.alice, "<body>Hello Alice</body><origin-id xmlns='urn:xmpp:sid:0' id='o-1'/>", ident="o-1")
    await stub.wait_request("MESSAGE", user=lab.alice, peer=lab.bob, text="Hello Alice")
    raw(bob, lab.alice, "<body>Hello Alice</body><origin-id xmlns='urn:xmpp:sid:0' id='o-2'/>", ident="o-2")
    await stub.wait_request("MESSAGE", user=lab.alice, peer=lab.bob, text="Hello Alice")
    await nothing_more(bob)
    assert not stub.unexpected("MESSAGE")
