# SPDX-License-Identifier: MIT
"""SIP to XMPP in page mode (RFC 7572 s5, rows M-20 to M-28, M-61): what the stanza says, and 200 once the partner's domain has taken it."""
import time
from email.utils import formatdate

from _chat import messages, nothing_more, page

LABS = [("prosody", "lync"), ("prosody", "simple"), ("ejabberd", "simple")]
CLIENT = "{jabber:client}"
LANG = "{http://www.w3.org/XML/1998/namespace}lang"


async def scenario(lab):
    stub = await lab.front_end()
    bob = await lab.user(lab.bob, resource="desk")
    kind = "chat" if lab.dialect == "lync" else ""   # M-28; to a front end's users both look alike
    text = "Gr\u00fc\u00dfe, Bob & <Alice> \U0001f600\r\nsecond line"

    answer = await page(stub, lab.alice, lab.bob, text.encode(), headers=(("Subject", "Lunch & more"), ("Content-Language", "de-AT")))
    assert answer.status == 200 and not answer.body and not answer.has("Contact"), answer.start   # M-43, M-44
    seen = await bob.wait_message(lab.alice)
    assert seen.body == text.replace("\r\n", "\n"), repr(seen.body)                     # M-26
    assert (seen.type, seen.sender, seen.to) == (kind, lab.alice, lab.bob)              # M-23, M-25, M-28
    assert seen.xml.findtext(CLIENT + "subject") == "Lunch & more"                      # M-24
    assert seen.xml.get(LANG) == "de-AT", seen.xml.get(LANG)                            # M-21
    thread, ident = seen.xml.findtext(CLIENT + "thread"), seen.id
    assert thread and ident and ident != thread                                         # M-20, M-27
    assert seen.xml.find("{urn:xmpp:delay}delay") is None

    # Another Call-ID, the same thread (M-20); an empty Subject is none; a fresh Date is no delay, an old one is (M-61, M-62).
    answer = await page(stub, lab.alice, lab.bob, b"second", headers=(("Subject", ""), ("Date", formatdate(time.time(), usegmt=True))))
    assert answer.status == 200
    seen = await bob.wait_message(lab.alice, "second")
    assert seen.xml.findtext(CLIENT + "thread") == thread and seen.id != ident
    assert seen.xml.find(CLIENT + "subject") is None and seen.xml.find("{urn:xmpp:delay}delay") is None
    answer = await page(stub, lab.alice, lab.bob, b"third", headers=(("Date", formatdate(1709208005, usegmt=True)),))
    assert answer.status == 200
    delays = (await bob.wait_message(lab.alice, "third")).xml.findall("{urn:xmpp:delay}delay")
    assert [(d.get("stamp"), d.get("from")) for d in delays] == [("2024-02-29T12:00:05Z", lab.domain)]

    # With a tel: or a user=phone part, upper case and parameters it is the same person (A-20 and following).
    answer = await page(stub, lab.alice, lab.bob, b"fourth", uri=f"sip:{lab.bob.replace('partner', 'PARTNER')};transport=tcp",
                        sender=f"<sip:{lab.alice};transport=tcp>")
    assert answer.status == 200
    seen = await bob.wait_message(lab.alice, "fourth")
    assert (seen.sender, seen.to) == (lab.alice, lab.bob)

    if lab.dialect == "simple":
        # GRUUs are resources here, both ways (M-05, M-07, M-23, M-25).
        answer = await page(stub, lab.alice, lab.bob, b"fifth", uri=f"sip:{lab.bob};gr=desk", sender=f"<sip:{lab.alice};gr=tablet>")
        assert answer.status == 200
        seen = await bob.wait_message(lab.alice, "fifth")
        assert (seen.sender, seen.to) == (f"{lab.alice}/tablet", f"{lab.bob}/desk")
        bob.send(f"{lab.alice}/tablet", "to the tablet")
        message = await stub.wait_request("MESSAGE", user=lab.alice)
        assert message.uri == f"sip:{lab.alice};gr=tablet" and message.text == "to the tablet", message.start
        bob.send(f"{lab.alice}/phone", "to a resource that nobody has told of")
        message = await stub.wait_request("MESSAGE", user=lab.alice)
        assert message.uri == f"sip:{lab.alice}", message.start
        assert (await page(stub, lab.alice, lab.bob, b"locked")).status == 200
        assert (await bob.wait_message(lab.alice, "locked")).to == f"{lab.bob}/desk", "M-57: he has answered from there"
    else:
        bob.send(lab.alice, "an answer")
        invite = await stub.wait_request("INVITE", user=lab.alice)
        assert (await stub.wait_request("MESSAGE", text="an answer")).call_id == invite.call_id
    await nothing_more(bob, seconds=0.3)
    assert not messages(bob) and not stub.unexpected("MESSAGE") and not stub.unexpected("INVITE")
