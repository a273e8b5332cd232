# SPDX-License-Identifier: MIT
"""
Typing with a front end (lync.md 4.5): INFO with KeyboardActivity both ways inside a session, none without one; gone and BYE; a 200 in a session is a receipt
(M-76 to M-78, M-80, M-97, V-38, V-62), and both are announced (X-34). The front end is our own stub.
"""
from _chat import messages, nothing_more
from _states import acknowledged, features, say, shown, speaks_states, state, state_of

LABS = [("prosody", "lync")]
TYPE = b'<?xml version="1.0"?><KeyboardActivity><status status="type" /></KeyboardActivity>'


async def scenario(lab):
    stub = await lab.front_end()
    bob = await lab.user(lab.bob, resource="desk")
    speaks_states(bob)
    takes = await features(bob, f"{lab.alice}/any")
    assert {"http://jabber.org/protocol/chatstates", "urn:xmpp:receipts"} <= takes and "http://jabber.org/protocol/xhtml-im" not in takes, takes

    # lync.md 4.5-no-invite: no window opens because somebody begins to type.
    state(bob, lab.alice, "composing")
    ident = say(bob, lab.alice, "hello", request=True)
    invite = await stub.wait_request("INVITE", user=lab.alice)
    await stub.wait_request("MESSAGE", text="hello")
    await acknowledged(bob, lab.alice, ident)
    call = stub.session_of(invite.call_id)

    state(bob, lab.alice, "composing")
    info = await stub.wait_request("INFO", user=lab.alice)
    assert info.get("Content-Type") == "application/xml" and info.body == TYPE and info.call_id == invite.call_id
    again = await stub.wait_request("INFO", user=lab.alice)   # lync.md 4.5-repeat: after 4 s
    assert again.body == TYPE and again.cseq[0] == info.cseq[0] + 1
    state(bob, lab.alice, "paused")
    assert (await stub.wait_request("INFO", user=lab.alice)).body == TYPE.replace(b'status="type"', b'status="idle"')

    for body in (TYPE, TYPE):
        assert (await stub.in_dialog(call, "INFO", body, "application/xml")).status == 200
    await shown(bob, lab.alice, "composing")
    assert (await stub.in_dialog(call, "MESSAGE", b"hi", "text/plain")).status == 200
    seen = await bob.wait_message(lab.alice, "hi")
    assert state_of(seen) == "active"
    assert (await stub.in_dialog(call, "INFO", TYPE, "application/xml")).status == 200
    await shown(bob, lab.alice, "composing")
    await shown(bob, lab.alice, "paused")   # lync.md 4.5-silence: 8 s
    assert (await stub.bye(call)).status == 200
    gone = await shown(bob, lab.alice, "gone")
    thread = "{jabber:client}thread"
    assert gone.xml.findtext(thread) == seen.xml.findtext(thread)

    # The next session ends when he closes his window.
    say(bob, lab.alice, "once more")
    second = await stub.wait_request("INVITE", user=lab.alice)
    await stub.wait_request("MESSAGE", text="once more")
    state(bob, lab.alice, "gone")
    bye = await stub.wait_request("BYE", user=lab.alice)
    assert bye.call_id == second.call_id
    await nothing_more(bob, seconds=0.3)
    assert not messages(bob) and not stub.unexpected("INVITE") and not stub.unexpected("INFO")
