# SPDX-License-Identifier: MIT
"""XMPP to a simple hop: page-mode MESSAGE (RFC 7572 s4, rows M-01 to M-13, M-39): each header, one at a time, in order."""
from email.utils import formatdate

from _chat import messages, nothing_more, raw
from peers.sipmsg import tag_of, uri_of

LABS = [("prosody", "simple"), ("ejabberd", "simple")]


async def scenario(lab):
    stub = await lab.front_end()
    bob = await lab.user(lab.bob, resource="desk")

    text = "Gr\u00fc\u00dfe,\nAlice & <Bob> \U0001f600"
    raw(bob, lab.alice, "<subject>Two\n\tlines &amp; more</subject><body>Gr\u00fc\u00dfe,\nAlice &amp; &lt;Bob&gt; \U0001f600</body>"
        "<thread>t-1</thread>", ident="m1", lang="de-AT")
    first = await stub.wait_request("MESSAGE", user=lab.alice)
    assert first.start == f"MESSAGE sip:{lab.alice} SIP/2.0", first.start                       # M-07
    assert first.get("To") == f"<sip:{lab.alice}>", first.get("To")
    assert uri_of(first.get("From")) == f"sip:{lab.bob};gr=desk" and tag_of(first.get("From"))  # M-05
    assert first.text == text and first.get("Content-Length") == str(len(text.encode()))        # M-01
    assert first.get("Content-Type").replace(" ", "").lower() == "text/plain;charset=utf-8"
    assert first.get("Subject") == "Two  lines & more", repr(first.get("Subject"))              # M-02
    assert first.get("Content-Language") == "de-AT"                                             # M-09
    assert first.get("Max-Forwards") == "70" and first.cseq[1] == "MESSAGE"                     # M-10
    assert not first.has("Contact") and not first.has("Record-Route") and not first.has("Date")
    assert not first.has("ms-text-format") and not first.has("Ms-Conversation-ID"), "nothing of Microsoft's here"

    # M-39: one outstanding at a time, in their order; the stub counts overlapping ones as violations.
    stub.message_delay = 0.1
    texts = [f"number {n}" for n in range(10)]
    for each in texts:
        bob.send(lab.alice, each)
    calls = {first.call_id}
    for each in texts:
        message = await stub.wait_request("MESSAGE", user=lab.alice, peer=lab.bob)
        assert message.text == each, f"order: {message.text!r} for {each!r}"
        assert not message.has("Subject")
        calls.add(message.call_id)
    assert len(calls) == 11, "a Call-ID of its own for each request outside of dialogs (RFC 3261 s8.1.1.4)"
    stub.message_delay = 0

    # What is no text is no message: typing alone (M-13), and a subject is the text when there is no other (M-12).
    raw(bob, lab.alice, "<composing xmlns='http://jabber.org/protocol/chatstates'/>")
    raw(bob, lab.alice, "<subject>Only a subject</subject>", kind="")
    alone = await stub.wait_request("MESSAGE", user=lab.alice)
    assert alone.text == "Only a subject" and not alone.has("Subject")

    # M-08, M-50, M-52: the type makes no difference here; M-11: of several bodies that of the stanza's language.
    for kind in ("", "normal", "headline"):
        raw(bob, lab.alice, f"<body>type {kind}</body>", kind=kind)
        assert (await stub.wait_request("MESSAGE", user=lab.alice)).text == f"type {kind}"
    raw(bob, lab.alice, "<body>English</body><body xml:lang='de'>Deutsch</body>", lang="de")
    assert (await stub.wait_request("MESSAGE", user=lab.alice)).text == "Deutsch"

    # M-63: what was written earlier says so.
    raw(bob, lab.alice, "<body>late</body><delay xmlns='urn:xmpp:delay' stamp='2024-02-29T12:00:05Z'/>")
    late = await stub.wait_request("MESSAGE", user=lab.alice, text="late")
    assert late.get("Date") == formatdate(1709208005, usegmt=True), late.get("Date")

    # 202 is success as well (RFC 3428 s7).
    stub.message_status = 202
    bob.send(lab.alice, "accepted only")
    await stub.wait_request("MESSAGE", user=lab.alice, text="accepted only")
    await nothing_more(bob)
    assert not messages(bob) and not stub.unexpected("MESSAGE") and not stub.unexpected("INVITE")
