# SPDX-License-Identifier: MIT
"""XMPP to a lync hop (lync.md 7.2, RFC 7573 s4): INVITE, queue until 200, ACK, MESSAGE; later ones in the dialog; one at a time, in order."""

LABS = [("prosody", "lync"), ("ejabberd", "lync")]


async def scenario(lab):
    stub = await lab.front_end()
    bob = await lab.user(lab.bob)
    stub.invite_delay = 0.5
    texts = [f"message {n}" for n in range(8)]
    for text in texts:
        bob.send(lab.alice, text)
    invite = await stub.wait_request("INVITE", user=lab.alice, peer=lab.bob)
    assert b"m=message" in invite.body and b"sip null" in invite.body, invite.body
    assert invite.get("Ms-Conversation-ID"), "a conversation id (lync.md 4.3)"
    assert not invite.has("ms-text-format"), "the text would be shown twice"
    await stub.wait_request("ACK", user=lab.alice)
    for text in texts:
        message = await stub.wait_request("MESSAGE", user=lab.alice, peer=lab.bob)
        assert message.text == text, f"order: {message.text!r} for {text!r}"
        assert message.call_id == invite.call_id
        assert message.get("Content-Type").lower().startswith("text/plain")
    assert not stub.unexpected("INVITE"), "one session is enough"
    assert not [s for s in bob.inbox if s.kind == "message" and s.type == "error"], "nothing failed"
