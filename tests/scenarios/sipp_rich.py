# SPDX-License-Identifier: MIT
"""
sipp 3.6.1 and a simple hop in page mode: HTML, alternatives, languages, subjects, old dates, long texts in parts, threads that are Call-IDs; XHTML-IM on the XMPP side, written by
slixmpp (M-02, M-03, M-09, M-14, M-15, M-20, M-21, M-24, M-29, M-32, M-33, M-47, M-61, M-63).
"""
from _chat import messages, nothing_more
from _sipp import Sipp, needed

LABS = [("prosody", "simple")]
OPTIONS = {"gateway": {"max-message-text": "1K"}, "partner partner.example": {"xhtml-im": "yes"}, "hop pool01": {"rich-text": "yes", "thread": "call-id"}}
NICK = "{http://jabber.org/protocol/nick}nick"
DELAY = "{urn:xmpp:delay}delay"
XHTML = "{http://jabber.org/protocol/xhtml-im}html/{http://www.w3.org/1999/xhtml}body"
LANG = "{http://www.w3.org/XML/1998/namespace}lang"


def markup(seen) -> str:
    """All names of elements and all text, in order."""
    body = seen.xml.find(XHTML)
    assert body is not None, "no XHTML-IM"
    return " ".join(element.tag.rpartition("}")[2] for element in body.iter()) + ": " + "".join(body.itertext())


async def scenario(lab):
    needed()
    bob = await lab.user(lab.bob, resource="desk")
    for plugin in ("xep_0071", "xep_0172", "xep_0203"):
        bob.client.register_plugin(plugin)

    async with Sipp(lab, "rich-out"):
        seen = await bob.wait_message(lab.alice)
        assert seen.body == "Hello Bob & all", repr(seen.body)
        assert seen.xml.get(LANG) == "cs" and seen.xml.findtext(NICK) == 'Alice "A"'
        assert seen.xml.findtext("{jabber:client}subject") == "On paper"
        assert markup(seen) == "body p strong: Hello Bob & all", markup(seen)
        call = seen.xml.findtext("{jabber:client}thread")
        seen = await bob.wait_message(lab.alice)
        assert seen.body == "the plain one" and seen.xml.findtext("{jabber:client}thread") == call, repr(seen.body)
        assert markup(seen) == "body p em: the rich one", markup(seen)
        assert seen.xml.find(NICK) is None and seen.xml.find(DELAY) is None
        seen = await bob.wait_message(lab.alice)
        assert seen.body.strip() == "from the past" and seen.xml.find(XHTML) is None
        delay = seen.xml.find(DELAY)
        assert delay.get("stamp") == "2002-09-10T23:08:25Z" and delay.get("from") == lab.alice.partition("@")[2]

    # One call for sipp, as it is one thread.
    async with Sipp(lab, "rich-in"):
        long = bob.client.make_message(mto=lab.alice, mtype="chat", mbody="\n".join(f"part{n} " + "x" * 900 for n in range(3)))
        long["lang"], long["subject"], long["nick"]["nick"] = "cs", "On paper", "Bob"
        old = bob.client.make_message(mto=lab.alice, mtype="chat", mbody="from the past")
        old["delay"].set_stamp("2002-09-10T23:08:25Z")
        rich = bob.client.make_message(mto=lab.alice, mtype="chat", mbody="so <you> say")
        rich["html"]["body"] = "<p>so &lt;you&gt; <strong>say</strong></p>"
        for message in (long, old, rich):
            message["thread"] = "one thread"
            message.send()
    await nothing_more(bob)
    assert not messages(bob)
