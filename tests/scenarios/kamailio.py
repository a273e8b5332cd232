# SPDX-License-Identifier: MIT
"""
Kamailio 5.6.3 as registrar and presence server behind a simple hop, over mutual TLS: bob follows what alice publishes, messages in both directions
through its location table, alice's session with bob and her subscription to him through its record route.
"""
import asyncio

from _chat import fails_with, messages, nothing_more
from _kamailio import Client, Kamailio, needed
from labkit.ca import BOTH

LABS = [("prosody", "simple"), ("ejabberd", "simple")]
STANDS_ALONE = True


async def scenario(lab):
    needed()
    lab.options.transport = "tls"
    lab.prepare()
    # Kamailio leaves OpenSSL's check of purposes on: a peer that connects to it needs clientAuth, too.
    certificate, key = lab.ca.issue("xgw", [f"xgw.{lab.domain}"], BOTH)
    (lab.stoxd.directory / "xgw.crt").write_bytes(certificate.read_bytes())
    (lab.stoxd.directory / "xgw.key").write_bytes(key.read_bytes())
    kamailio = Kamailio(lab)
    kamailio.prepare()
    try:
        await asyncio.to_thread(kamailio.start)
        await asyncio.to_thread(lab.start)
        await lab.wait_attached()
        alice = Client(lab)
        lab.stubs.append(alice)
        await alice.start()
        await play(lab, alice, kamailio)
        alice.assert_clean()
        assert lab.stoxd.process.alive(), "stoxd has ended"
        assert not kamailio.faults(), kamailio.faults()
    except BaseException:
        print(kamailio.tail(80))
        print(lab.tails(40))
        raise
    finally:
        await lab.__aexit__()
        await asyncio.to_thread(kamailio.stop)


async def play(lab, alice, kamailio):
    bob = await lab.user(lab.bob, resource="desk")
    assert (await alice.register()).status == 200
    answer = await alice.publish("available")
    assert answer.status == 200 and alice.etag, answer.start

    # bob follows alice: Kamailio is the notifier, what she publishes is what he sees.
    bob.subscribe(lab.alice)
    await bob.wait_presence(lab.alice, "subscribed")
    await bob.wait_presence(lab.alice, show="")
    assert (await alice.publish("busy", "in a call")).status == 200
    await bob.wait_presence(lab.alice, show="dnd")
    assert (await alice.publish("", expires=0)).status == 200
    await bob.wait_presence(lab.alice, "unavailable")

    # Page mode in both directions: bob's by her registration, hers by Kamailio's route to stoxd.
    bob.send(lab.alice, "Hello Alice")
    await alice.wait_request("MESSAGE", user=lab.alice, peer=lab.bob, text="Hello Alice")
    await asyncio.to_thread(lab.stoxd.wait_log, r"message xmpp->sip .*: delivered", 5)
    answer = await alice.message(lab.alice, lab.bob, "Hello Bob")
    assert answer.status == 200, answer.start
    await bob.wait_message(lab.alice, "Hello Bob")

    # A session of hers: every request in it passes Kamailio's record route, in both directions.
    session = await alice.invite(lab.alice, lab.bob)
    assert session.route, "Kamailio's Record-Route came back in the 200"
    assert (await alice.message(lab.alice, lab.bob, "In a session", page=False)).status == 200
    seen = await bob.wait_message(lab.alice, "In a session")
    bob.send(lab.alice, "As well", thread=seen.xml.findtext("{jabber:client}thread"))
    message = await alice.wait_request("MESSAGE", user=lab.alice, text="As well")
    assert message.call_id == session.call_id, "in her session"
    assert (await alice.bye(session)).status == 200

    # alice follows bob: the dialog's requests come and go through Kamailio's record route.
    watch = await alice.watch(lab.alice, lab.bob)
    await bob.wait_presence(lab.alice, "subscribe")
    bob.approve(lab.alice)
    await alice.wait_seen(lab.alice, lab.bob, lambda s: s["open"], "Bob available")
    bob.presence(show="away")
    await alice.wait_seen(lab.alice, lab.bob, lambda s: "away" in s["activities"], "Bob away")
    await alice.refresh(watch, 0)
    await alice.wait_seen(lab.alice, lab.bob, lambda s: s["state"].startswith("terminated"), "the end")

    # Who is not registered cannot be written to.
    ident = bob.send(f"carol@{lab.domain}", "anybody?")
    await fails_with(bob, ident, f"carol@{lab.domain}", "item-not-found", "cancel", "404")

    # He stops following: in the same dialog, and Kamailio's last NOTIFY is taken.
    bob.unsubscribe(lab.alice)
    await asyncio.to_thread(kamailio.wait_log, rf"SUBSCRIBE sip:pool01\.{lab.domain}:\d+;transport=tls from sip:{lab.bob}, expires 0,")
    await nothing_more(bob)
    assert not messages(bob)
