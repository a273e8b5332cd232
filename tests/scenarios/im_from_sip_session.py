# SPDX-License-Identifier: MIT
"""
SIP to XMPP in a session (S-05 to S-08, lync.md 7.1): accepted at once, the text that the INVITE carries along is not shown (it comes again
as the first MESSAGE), both directions in one dialog, bare JID until a resource has answered (M-57), one thread (M-20), BYE.
"""
from _chat import messages, nothing_more, raw

LABS = [("prosody", "lync"), ("ejabberd", "lync"), ("prosody", "simple")]
AGENT = "{jabber:client}"


async def scenario(lab):
    stub = await lab.front_end()
    desk = await lab.user(lab.bob, resource="desk")
    phone = await lab.user(lab.bob, resource="phone")
    stub.dialect.session_mode = True   # simple peers may open sessions as well

    session = await stub.invite(lab.alice, lab.bob, "Hello Bob")
    await nothing_more(desk, phone, seconds=0.5)
    answer = await stub.message(lab.alice, lab.bob, "Hello Bob")
    assert answer.status == 200 and not answer.has("ms-diagnostics-public"), answer.start
    assert not answer.body and not answer.has("Contact"), "a 2xx to MESSAGE has neither (M-43)"
    threads = set()
    for user in (desk, phone):   # Prosody's way with equal priorities
        seen = await user.wait_message(lab.alice, "Hello Bob")
        assert seen.type == "chat" and seen.sender == lab.alice and seen.to == lab.bob, (seen.type, seen.sender, seen.to)
        assert seen.id, "a stanza of ours has an id"
        threads.add(seen.xml.findtext(AGENT + "thread"))
        assert seen.xml.find(AGENT + "subject") is None and seen.xml.find("{urn:xmpp:delay}delay") is None
    thread = threads.pop()
    assert thread and not threads

    # The desk answers: in the same session, and the conversation is the desk's from now on.
    desk.send(lab.alice, "Hello Alice", thread=thread)
    message = await stub.wait_request("MESSAGE", user=lab.alice, peer=lab.bob)
    assert message.text == "Hello Alice" and message.call_id == session.call_id
    assert (await stub.message(lab.alice, lab.bob, "for the desk")).status == 200
    seen = await desk.wait_message(lab.alice, "for the desk")
    assert seen.to == f"{lab.bob}/desk" and seen.xml.findtext(AGENT + "thread") == thread
    await nothing_more(phone, seconds=0.3)

    # The phone writes: nobody's again, so everybody's, until one answers.
    raw(phone, lab.alice, f"<body>from the phone</body><thread>{thread}</thread>")
    assert (await stub.wait_request("MESSAGE", text="from the phone")).call_id == session.call_id
    assert (await stub.message(lab.alice, lab.bob, "for both")).status == 200
    for user in (desk, phone):
        assert (await user.wait_message(lab.alice, "for both")).to == lab.bob
    phone.send(lab.alice, "the phone it is", thread=thread)
    await stub.wait_request("MESSAGE", text="the phone it is")
    assert (await stub.message(lab.alice, lab.bob, "for the phone")).status == 200
    seen = await phone.wait_message(lab.alice, "for the phone")
    assert seen.to == f"{lab.bob}/phone" and seen.xml.findtext(AGENT + "thread") == thread

    # Ten at a stretch: their order is kept.
    texts = [f"line {n}" for n in range(10)]
    for text in texts:
        assert (await stub.message(lab.alice, lab.bob, text)).status == 200
    assert [(await phone.wait_message(lab.alice)).body for _ in texts] == texts
    # Written without waiting for the answers, too: all are taken, in their order (promise 2: one proof for many).
    sent = [stub.send_request(await stub.connection(), stub.build_message(session, text)) for text in texts]
    assert [(await stub.final(transaction)).status for transaction in sent] == [200] * len(texts)
    assert [(await phone.wait_message(lab.alice)).body for _ in texts] == texts
    await nothing_more(desk, phone, seconds=0.3)
    assert not stub.unexpected("INVITE") and not stub.unexpected("MESSAGE") and len(stub.dialogs) == 1

    # She closes the window; what he writes then opens another, what she writes goes on in that one.
    assert (await stub.bye(session)).status == 200
    stub.dialect.session_mode = lab.dialect == "lync"
    phone.send(lab.alice, "still there?")
    if lab.dialect == "simple":
        message = await stub.wait_request("MESSAGE", text="still there?")
        assert message.call_id != session.call_id and message.uri == f"sip:{lab.alice}", "page mode again"
        await nothing_more(desk, phone, seconds=0.3)
        assert not messages(desk) and not messages(phone) and not stub.unexpected("INVITE")
        return
    invite = await stub.wait_request("INVITE", user=lab.alice, peer=lab.bob)
    message = await stub.wait_request("MESSAGE", text="still there?")
    assert message.call_id == invite.call_id != session.call_id
    assert invite.get("Ms-Conversation-ID") == session.request.get("Ms-Conversation-ID"), "lync.md 4.3"
    assert (await stub.message(lab.alice, lab.bob, "yes")).status == 200
    assert stub.session(lab.alice, lab.bob).call_id == invite.call_id
    await phone.wait_message(lab.alice, "yes")
    answer = await stub.in_dialog(session, "BYE")
    assert answer.status == 481, "the session has ended long ago"
    await nothing_more(desk, phone, seconds=0.3)
    assert not messages(desk) and not messages(phone) and not stub.unexpected("BYE")
