# SPDX-License-Identifier: MIT
"""
pidgin-sipe 1.25.0 as alice's client: sessions of either side, typing, presence both ways (bob's as Lync's categories), and what cannot be delivered. The client is
real and its lines reach stoxd as it wrote them; the front end between is our stub (tests/peers/registrar.py).
"""
from _chat import fails_with, messages, nothing_more
from _presence import nothing_shown
from _sipe import Sipe, program
from peers.registrar import Registrar

LABS = [("prosody", "lync")]
# What the client publishes, and what bob sees of it (lync.md 3.3).
STATES = (("busy", "dnd"), ("be-right-back", "away"), ("do-not-disturb", "dnd"), ("available", ""))
# What bob shows, and which of its states the client gives him.
SHOWS = (("away", "away"), ("dnd", "busy"), ("xa", "away"), ("", "available"))
# Opens her session; all of it is in a header of the INVITE, too.
LONG = "Hello <Bob> & gr\u00fc\u00dfe " + "long " * 2000 + "end"


async def scenario(lab):
    program(lab)
    stub = await lab.front_end()
    registrar = Registrar(stub, [lab.alice])
    await registrar.start()
    try:
        bob = await lab.user(lab.bob, resource="desk")
        async with Sipe(lab, lab.alice, f"{registrar.address}:{registrar.port}") as alice:
            await alice.wait("connected")
            await registrar.wait("what she publishes", lambda d, m: d == ">" and m.method == "SERVICE" and b"availability" in m.body)
            await bob_follows(lab, alice, bob)
            await alice_follows(lab, alice, bob)
            call = await hers(lab, registrar, alice, bob)
            await as_written(registrar, call)
            await his(lab, registrar, alice, bob)
            await not_delivered(lab, alice)
            await bob_leaves(lab, alice, bob)
            assert await alice.quit() == 0
        await alice_is_gone(lab, registrar)
    finally:
        await registrar.stop()


async def bob_follows(lab, alice, bob):
    bob.subscribe(lab.alice)
    await bob.wait_presence(lab.alice, "subscribed")
    await bob.wait_presence(lab.alice, show="")
    for state, show in STATES:
        alice.tell("status", state)
        await bob.wait_presence(lab.alice, show=show)
    await nothing_shown(bob, lab.alice, seconds=0.1)


async def alice_follows(lab, alice, bob):
    alice.tell("add", lab.bob)
    await bob.wait_presence(lab.alice, "subscribe")
    await alice.wait("buddy", lab.bob, "offline")   # while he has not decided
    bob.approve(lab.alice)
    for show, state in (("", "available"), *SHOWS):
        bob.presence(show)
        await alice.wait("buddy", lab.bob, check=lambda line: line.split()[2] == state)
    # His note comes and goes: our categories document as the client reads it (lync.md 4.8 d).
    bob.presence("away", "Tea & <cake>")
    await alice.wait("buddy", lab.bob, "away", "Tea & <cake>")
    bob.presence("")
    await alice.wait("buddy", lab.bob, "available")
    bob.raw("<presence><show>away</show><idle xmlns='urn:xmpp:idle:1' since='2026-01-01T10:00:00Z'/></presence>")
    await alice.wait("buddy", lab.bob, "idle", "Inactive")   # 5000, and the client's own word for it
    bob.presence("")
    await alice.wait("buddy", lab.bob, "available")


async def hers(lab, registrar, alice, bob):
    """She opens the session: the first text is in ms-text-format and again in a MESSAGE. His answer, her typing, one more."""
    alice.tell("im", lab.bob, LONG)
    first = await bob.wait_message(lab.alice, LONG)
    bob.send(lab.alice, "Hi <Alice> & \U0001f600\nsecond line", thread=first.xml.findtext("{jabber:client}thread"))
    await alice.wait("im", lab.bob, "Hi <Alice> & \U0001f600\\nsecond line")
    alice.tell("typing", lab.bob)
    await registrar.wait("the INFO", lambda d, m: d == "<" and m.is_request and m.method == "INFO")
    await registrar.wait("its answer", lambda d, m: d == ">" and m.status == 200 and m.method == "INFO")
    alice.tell("im", lab.bob, "Bye")
    await bob.wait_message(lab.alice, "Bye")
    await nothing_more(bob)
    call = await registrar.wait("the INVITE", lambda d, m: d == "<" and m.is_request and m.method == "INVITE" and m.has("ms-text-format"))
    answers = [m for d, m in registrar.seen if d == ">" and not m.is_request and m.call_id == call.call_id]
    assert [m.status for m in answers] == [200] * 4, [m.start for m in answers]
    his_messages = [m for d, m in registrar.seen if d == ">" and m.is_request and m.method == "MESSAGE"]
    assert [m.call_id for m in his_messages] == [call.call_id], "his answer goes into her session"
    alice.tell("close", lab.bob)
    await registrar.wait("the BYE", lambda d, m: d == "<" and m.is_request and m.method == "BYE" and m.call_id == call.call_id)
    await registrar.wait("its answer", lambda d, m: d == ">" and m.status == 200 and m.method == "BYE")
    return call


async def as_written(registrar, call):
    """The oddities of this client that stoxd has taken (lab.md section 4): without them this scenario would show nothing."""
    theirs = [m for d, m in registrar.seen if d == "<" and m.is_request and m.call_id == call.call_id]
    assert [m.method for m in theirs] == ["INVITE", "ACK", "MESSAGE", "INFO", "MESSAGE", "BYE"], [m.method for m in theirs]
    for message in theirs:
        assert message.get("Via").startswith("SIP/2.0/tcp ") and "branch" not in message.get("Via"), message.get("Via")
    assert ";maddr=127.0.0.1;" in call.get("Contact") and call.get("Contact").endswith(";proxy=replace"), call.get("Contact")
    assert len(call.get("ms-text-format").partition("ms-body=")[2]) > 13000 and theirs[2].text == LONG
    subscribe = await registrar.wait("her SUBSCRIBE", lambda d, m: d == "<" and m.is_request and m.uri.startswith("sip:bob@")
                                     and m.method == "SUBSCRIBE")
    assert not subscribe.has("Expires") and subscribe.get("Proxy-Require") == "ms-benotify", subscribe.headers


async def his(lab, registrar, alice, bob):
    """He opens the next session, she answers in it and ends it."""
    bob.send(lab.alice, "Are you there?")
    await alice.wait("im", lab.bob, "Are you there?")
    alice.tell("im", lab.bob, "Yes")
    await bob.wait_message(lab.alice, "Yes")
    invites = [m for d, m in registrar.seen if m.is_request and m.method == "INVITE" and (d == ">" or m.uri.startswith("sip:bob@"))]
    assert len(invites) == 2, "one session each"
    alice.tell("close", lab.bob)
    await registrar.wait("the BYE", lambda d, m: d == "<" and m.is_request and m.method == "BYE" and m.call_id == invites[1].call_id)


async def not_delivered(lab, alice):
    for user in (f"nobody@{lab.setting.partner}", lab.eve):   # no such account; a domain that is no partner
        alice.tell("im", user, "anybody?")
        await alice.wait("undelivered", user, check=lambda line: line.endswith("anybody?"))


async def bob_leaves(lab, alice, bob):
    await bob.logout()
    await alice.wait("buddy", lab.bob, "offline")
    alice.tell("im", lab.bob, "too late")
    await alice.wait("undelivered", lab.bob, check=lambda line: line.endswith("too late"))
    assert not messages(bob)
    assert not [line for line in alice.events if not line.startswith("stopped ")], alice.events


async def alice_is_gone(lab, registrar):
    """On leaving she ends her subscription; who writes to her is told that she cannot be reached."""
    end = await registrar.wait("the end of her subscription", lambda d, m: d == "<" and m.is_request and m.get("Expires") == "0"
                               and m.get("To").startswith(f"<sip:{lab.bob}>"))
    await registrar.wait("its answer", lambda d, m: d == ">" and m.status == 200 and m.call_id == end.call_id and m.cseq == end.cseq)
    bob = await lab.user(lab.bob, resource="desk")
    await bob.wait_presence(lab.alice, "unavailable")
    ident = bob.send(lab.alice, "Alice?")
    await fails_with(bob, ident, lab.alice, "recipient-unavailable", "wait", "480")
