# SPDX-License-Identifier: MIT
"""
XMPP to a lync hop when the session is gone (promise 4; lync.md 4.4, RFC 5057 s5.1): 481 brings a new INVITE and the message once; a BYE of
the front end brings a new session with the next message; a message that crosses a BYE goes once; a second 481 is the sender's.
"""
from _chat import fails_with, messages, nothing_more

LABS = [("prosody", "lync"), ("ejabberd", "lync")]


async def scenario(lab):
    stub = await lab.front_end()
    bob = await lab.user(lab.bob)

    async def arrives(text):
        """The INVITE that brought it (None: it came in a session that stood), and the MESSAGE."""
        message = await stub.wait_request("MESSAGE", user=lab.alice, peer=lab.bob, text=text)
        invites = stub.unexpected("INVITE")
        return (await stub.wait_request("INVITE") if invites else None), message

    bob.send(lab.alice, "one")
    first, message = await arrives("one")
    assert message.call_id == first.call_id

    # The front end has forgotten the session.
    stub.fail("MESSAGE", 481, in_dialog_only=True)
    bob.send(lab.alice, "two")
    bob.send(lab.alice, "three")
    refused = await stub.wait_request("MESSAGE", text="two")
    assert refused.call_id == first.call_id
    second, message = await arrives("two")
    assert second and message.call_id == second.call_id != first.call_id
    conversation = first.get("Ms-Conversation-ID")
    assert len(conversation) == 28 and second.get("Ms-Conversation-ID") == conversation, "lync.md 4.3: the same conversation"
    invite, message = await arrives("three")
    assert invite is None and message.call_id == second.call_id, "the order holds, and one new session is enough"
    assert not stub.unexpected("BYE"), "no BYE for what the peer has forgotten"

    # The front end ends the session.
    assert (await stub.bye(stub.session_of(second.call_id))).status == 200
    assert not stub.unexpected("INVITE"), "a BYE alone brings nothing"
    bob.send(lab.alice, "four")
    third, message = await arrives("four")
    assert third and message.call_id == third.call_id not in (first.call_id, second.call_id)
    assert third.get("Ms-Conversation-ID") == conversation

    # The BYE comes while a message is on its way: answered 481, it goes in a new session, once.
    stub.fail("MESSAGE", "hold", in_dialog_only=True)
    bob.send(lab.alice, "five")
    crossed = await stub.wait_request("MESSAGE", text="five")
    assert crossed.call_id == third.call_id
    assert (await stub.bye(stub.session_of(third.call_id))).status == 200
    stub.release(481)
    fourth, message = await arrives("five")
    assert fourth and message.call_id == fourth.call_id

    # Twice is enough: nobody tries for ever.
    stub.fail("MESSAGE", 481, times=2, in_dialog_only=True)
    ident = bob.send(lab.alice, "six")
    await fails_with(bob, ident, lab.alice, "item-not-found", "cancel", "481")
    assert [m.text for m in stub.unexpected("MESSAGE")] == ["six", "six"]
    assert len(stub.unexpected("INVITE")) == 1 and not stub.unexpected("BYE")
    await stub.wait_request("INVITE")
    bob.send(lab.alice, "seven")
    invite, message = await arrives("seven")
    assert invite and message.call_id == invite.call_id
    await nothing_more(bob)
    assert not messages(bob)
