# SPDX-License-Identifier: MIT
"""
What XMPP clients put beside and instead of text, written by slixmpp's plug-ins, and what the SIP side gets of it (M-03, M-09, M-12, M-13, M-15, M-52,
M-63, M-110, M-111, M-113, M-114, M-116).
"""
from datetime import datetime, timezone

from _chat import fails_with, messages, nothing_more, raw

LABS = [("prosody", "lync"), ("prosody", "simple")]
PLUGINS = ("xep_0066", "xep_0172", "xep_0203", "xep_0308", "xep_0334", "xep_0359", "xep_0380", "xep_0444")
LINK = "https://files.partner.example/picture.png"
OMEMO = "eu.siacs.conversations.axolotl"
KEYS = "<header sid='1'><key rid='2'>AA==</key><iv>AA==</iv></header>"


def compose(bob, to: str, body: str = ""):
    message = bob.client.make_message(mto=to, mbody=body or None, mtype="chat")
    message["id"] = bob.client.new_id()
    return message


async def scenario(lab):
    stub = await lab.front_end()
    bob = await lab.user(lab.bob, resource="desk")
    for plugin in PLUGINS:
        bob.client.register_plugin(plugin)

    async def gets(text: str):
        message = await stub.wait_request("MESSAGE", user=lab.alice)
        assert message.text == text, repr(message.text)
        return message

    # M-15: the name at the first contact, in the INVITE where there is one.
    first = compose(bob, lab.alice, "first")
    first["nick"]["nick"] = 'Bob "B"'
    first.send()
    page = await gets("first")
    opening = page if lab.dialect == "simple" else await stub.wait_request("INVITE", user=lab.alice)
    assert opening.get("From").startswith('"Bob \\"B\\"" <'), opening.get("From")
    assert page.get("Content-Language") == "en"   # slixmpp says so in xml:lang

    correction = compose(bob, lab.alice, "second, mended")
    correction["replace"]["id"] = first["id"]
    correction.send()
    await gets("second, mended")

    for body, text in (("", LINK), (LINK, LINK), ("look", f"look\n{LINK}")):
        link = compose(bob, lab.alice, body)
        link["oob"]["url"] = LINK
        link.send()
        await gets(text)

    hinted = compose(bob, lab.alice, "hinted")
    hinted.enable("no-store")
    hinted["origin_id"]["id"] = "o-1"
    hinted.send()
    page = await gets("hinted")
    assert "o-1" not in str(page.headers)

    then = datetime(2002, 9, 10, 23, 8, 25, tzinfo=timezone.utc)
    delayed = compose(bob, lab.alice, "delayed")
    delayed["delay"].set_stamp(then)
    delayed.send()
    assert (await gets("delayed")).get("Date") == "Tue, 10 Sep 2002 23:08:25 GMT"

    # M-114: the fallback text, or a refusal; keys alone are nothing.
    secret = compose(bob, lab.alice, "This is an encrypted message.")
    secret["eme"]["namespace"], secret["eme"]["name"] = OMEMO, "OMEMO"
    secret.send()
    await gets("This is an encrypted message.")
    raw(bob, lab.alice, f"<encrypted xmlns='{OMEMO}'>{KEYS}</encrypted>", ident="keys")
    raw(bob, lab.alice, f"<encrypted xmlns='{OMEMO}'>{KEYS}<payload>AA==</payload></encrypted>", ident="secret")
    await fails_with(bob, "secret", lab.alice, "not-acceptable", "modify", "OMEMO")
    raw(bob, lab.alice, "<body>?OTR:AAMDJ+MVmSfjFZcAAAAAAQ.</body>", ident="otr")
    await fails_with(bob, "otr", lab.alice, "not-acceptable", "modify", "OTR")

    # Without text there is nothing to say; a subject is text.
    reaction = compose(bob, lab.alice)
    reaction["reactions"]["id"] = first["id"]
    reaction["reactions"].set_values({"\U0001f44d"})
    reaction.send()
    raw(bob, lab.alice, "<subject>only a subject</subject>", kind="normal")
    await gets("only a subject")
    raw(bob, lab.alice, "<body>news</body>", kind="headline")   # into the session that is open, or in page mode
    await gets("news")

    await nothing_more(bob, seconds=0.3)
    assert not messages(bob) and not stub.unexpected("MESSAGE")
