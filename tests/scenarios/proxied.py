# SPDX-License-Identifier: MIT
"""
Mode P (rows A-60 to A-64): the component is sip.gw.example, the SIP users are of contoso.example and fabrikam.example, which no XMPP server serves.
sipp as their side: page mode, a session, presence both ways; jabber:iq:gateway.
"""
import asyncio
from xml.etree import ElementTree

from labkit.lab import Lab
from labkit.stoxd import StoxdOptions

from _chat import fails_with, messages, nothing_more
from _presence import nothing_shown, shown
from _sipp import Sipp, needed

LABS = [("prosody", "simple")]
STANDS_ALONE = True
GATEWAY = "sip.gw.example"
OPTIONS = {f"domain {GATEWAY}": {"sip-domains": "contoso.example fabrikam.example", "percent-form": "yes"}}

CAROL, XMPP_CAROL = "carol@fabrikam.example", rf"carol\40fabrikam.example@{GATEWAY}"
ALICE, XMPP_ALICE = "alice@contoso.example", rf"alice\40contoso.example@{GATEWAY}"


async def scenario(lab):
    needed()
    own = Lab(lab.directory / "proxied", lab.stoxd.program, lab.edge_kind, "simple", options=StoxdOptions(extra=OPTIONS), domain=GATEWAY)
    async with own:
        try:
            await own.wait_attached()
            await play(own)
        except BaseException:
            print(own.tails(25))
            raise
    assert own.stoxd.process.child.returncode == 0, own.stoxd.tail(40)


async def play(lab):
    bob = await lab.user(lab.bob, resource="desk")

    # Page mode: from her domain, and to whom the localpart names, in each form that is read.
    async with Sipp(lab, "page-out", alice=CAROL):
        seen = await bob.wait_message(XMPP_CAROL)
        assert seen.sender == XMPP_CAROL, seen.sender
    for written in (XMPP_CAROL, f"carol%fabrikam.example@{GATEWAY}", f"alice@{GATEWAY}"):
        async with Sipp(lab, "page-in") as sipp:
            bob.send(written, "Hello Alice, this is Bob")
        user = ALICE if written.startswith("alice") else CAROL
        assert f"MESSAGE sip:{user} SIP/2.0" in sipp.messages(), sipp.messages()

    # Her own spelling is kept.
    async with Sipp(lab, "page-out", alice="Carol@fabrikam.example"):
        await bob.wait_message(XMPP_CAROL)
    async with Sipp(lab, "page-in") as sipp:
        bob.send(XMPP_CAROL, "Hello Alice, this is Bob")
    assert "MESSAGE sip:Carol@fabrikam.example SIP/2.0" in sipp.messages(), sipp.messages()

    # A session of hers.
    async with Sipp(lab, "session", alice=CAROL):
        assert (await bob.wait_message(XMPP_CAROL)).type == "chat"
        await asyncio.to_thread(lab.stoxd.wait_log, r"message sip->xmpp .*: delivered", 5)
        bob.send(XMPP_CAROL, "Hello back")

    # Presence: he follows, and is followed.
    async with Sipp(lab, "notifier", [("reason=rejected", "x=1", "500")]):
        bob.subscribe(XMPP_ALICE)
        await shown(bob, XMPP_ALICE, "subscribed")
        await shown(bob, XMPP_ALICE, "", "t1")
        await shown(bob, XMPP_ALICE, "", "t1", "dnd", "Busy")
        await shown(bob, XMPP_ALICE, "unavailable", "t1")
        await shown(bob, XMPP_ALICE, "unsubscribed")
    async with Sipp(lab, "watcher", alice=CAROL) as watcher:
        await bob.wait_presence(XMPP_CAROL, "subscribe")
        await asyncio.to_thread(watcher.wait_state, "pending")
        bob.approve(XMPP_CAROL)
        await asyncio.to_thread(watcher.wait_state, "active")
        bob.presence(show="dnd", status="In a meeting")

    # Whom it does not lead to.
    for written, condition, kind in ((rf"x\40other.example@{GATEWAY}", "item-not-found", "cancel"),
                                     (rf"x\40@{GATEWAY}", "jid-malformed", "modify")):
        ident = bob.send(written, "nobody")
        await fails_with(bob, ident, written, condition, kind)

    await prompt(bob)
    await nothing_shown(bob, XMPP_ALICE)
    await nothing_more(bob)
    assert not messages(bob)


async def prompt(bob):
    """XEP-0100 s6.3."""
    def query(kind: str, inside: str = ""):
        iq = bob.client.Iq()
        iq["type"], iq["to"] = kind, GATEWAY
        iq.append(ElementTree.fromstring(f"<query xmlns='jabber:iq:gateway'>{inside}</query>"))
        return iq.send(timeout=10)

    namespace = "{jabber:iq:gateway}"
    info = await bob.client["xep_0030"].get_info(jid=GATEWAY, timeout=10)
    assert "jabber:iq:gateway" in info["disco_info"]["features"]
    form = (await query("get")).xml.find(f"{namespace}query")
    assert form.findtext(f"{namespace}desc") and form.findtext(f"{namespace}prompt"), ElementTree.tostring(form)
    answer = await query("set", f"<prompt>{CAROL}</prompt>")
    assert answer.xml.findtext(f"{namespace}query/{namespace}jid") == XMPP_CAROL, str(answer)
    try:
        await query("set", "<prompt>carol@other.example</prompt>")
    except Exception as error:   # slixmpp's IqError
        assert getattr(error, "condition", "") == "item-not-found", error
    else:
        raise AssertionError("a SIP domain that is not behind this gateway was taken")
