# SPDX-License-Identifier: MIT
"""Both sides invite at the same time (S-13): both sessions are kept, what is written in either is delivered, nothing twice."""
from _chat import messages, nothing_more

LABS = [("prosody", "lync")]


async def scenario(lab):
    stub = await lab.front_end()
    bob = await lab.user(lab.bob)

    stub.invite_delay = 1.0
    bob.send(lab.alice, "bob first")
    theirs = await stub.wait_request("INVITE", user=lab.alice, peer=lab.bob)
    hers = await stub.invite(lab.alice, lab.bob, "alice first")     # accepted while the other one rings
    assert (await stub.message(lab.alice, lab.bob, "alice first")).status == 200
    assert (await bob.wait_message(lab.alice)).body == "alice first"
    first = await stub.wait_request("MESSAGE", user=lab.alice, peer=lab.bob)
    assert first.text == "bob first" and first.call_id in (hers.call_id, theirs.call_id)
    await stub.wait_request("ACK", user=lab.alice)
    assert stub.session_of(theirs.call_id).established

    # Each of the two takes what she writes, and what he writes goes once.
    for dialog, text in ((hers, "in hers"), (stub.session_of(theirs.call_id), "in his"), (hers, "in hers again")):
        answer = await stub.in_dialog(dialog, "MESSAGE", text.encode(), "text/plain;charset=UTF-8")
        assert answer.status == 200, answer.start
        assert (await bob.wait_message(lab.alice)).body == text
    for text in ("bob second", "bob third"):
        bob.send(lab.alice, text)
        message = await stub.wait_request("MESSAGE", user=lab.alice, peer=lab.bob)
        assert message.text == text and message.call_id in (hers.call_id, theirs.call_id)

    # One of them ends: the other one carries on, in both directions, without a new INVITE.
    assert (await stub.bye(stub.session_of(message.call_id))).status == 200
    bob.send(lab.alice, "bob fourth")
    last = await stub.wait_request("MESSAGE", user=lab.alice, peer=lab.bob)
    assert last.text == "bob fourth" and {last.call_id, message.call_id} == {hers.call_id, theirs.call_id}
    assert (await stub.message(lab.alice, lab.bob, "alice last")).status == 200
    assert (await bob.wait_message(lab.alice)).body == "alice last"
    await nothing_more(bob, seconds=0.3)
    assert not messages(bob)
    assert not stub.unexpected("INVITE") and not stub.unexpected("MESSAGE") and not stub.unexpected("BYE")
