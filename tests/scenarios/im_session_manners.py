# SPDX-License-Identifier: MIT
"""
What else comes inside a session (lync.md 4.4, 4.5; RFC 4028, R-24, R-36): two front ends in the path, UPDATE and re-INVITE, INFO, typing,
OPTIONS, requests that do not belong there, old numbers, CANCEL that comes too late.
"""
from _chat import messages, nothing_more, refused
from peers import documents
from peers.sipmsg import Message

LABS = [("prosody", "lync"), ("prosody", "simple")]
TYPING = (b'<?xml version="1.0"?><isComposing xmlns="urn:ietf:params:xml:ns:im-iscomposing"><state>active</state></isComposing>')
KEYBOARD = (b'<?xml version="1.0"?><KeyboardActivity><status status="type"/></KeyboardActivity>')


async def scenario(lab):
    stub = await lab.front_end()
    stub.record_routes = 2
    bob = await lab.user(lab.bob)
    lync = lab.dialect == "lync"
    dialogs = []

    if lync:
        bob.send(lab.alice, "hello")
        invite = await stub.wait_request("INVITE", user=lab.alice)
        await stub.wait_request("MESSAGE", text="hello")
        dialogs.append(stub.session_of(invite.call_id))
    # An INVITE with a session timer: granted, in the peer's hands.
    request, sender = stub.build("INVITE", lab.alice, lab.bob)
    request.add("Contact", stub.dialect.contact(lab.alice)).add("Supported", "timer").add("Session-Expires", "600;refresher=uac")
    stub.dialect.dress_request(request, lab.alice, lab.bob)
    request.add("Content-Type", "application/sdp")
    request.body = documents.sdp(stub.names.address, "null")
    hers = stub.dialog_for(request, sender, lab.alice, lab.bob)
    connection = await stub.connection()
    answer = await stub.exchange(request, connection)
    assert answer.status == 200, answer.start
    assert answer.get("Session-Expires").replace(" ", "") == "600;refresher=uac", answer.get("Session-Expires")
    assert "timer" in answer.get("Require") and "timer" in ",".join(answer.all("Supported"))
    stub._establish(hers, answer)

    # CANCEL after the final answer changes nothing (RFC 3261 s9.2), and an INVITE that comes twice is answered as before.
    cancel = Message(f"CANCEL {request.uri} SIP/2.0")
    for name in ("Via", "From", "To", "Call-ID"):
        cancel.add(name, request.get(name))
    cancel.add("Max-Forwards", "70").add("CSeq", "1 CANCEL")
    answer = await stub.exchange(cancel, connection)
    assert answer.status == 200, answer.start
    stub.send(connection, stub.build_in_dialog(hers, "ACK", 1))
    dialogs.append(hers)

    for dialog in dialogs:
        for method, body, content_type in [
                ("UPDATE", b"", ""), ("INFO", b"", ""), ("INFO", KEYBOARD, "application/xml"), ("OPTIONS", b"", ""),
                ("MESSAGE", TYPING, "application/im-iscomposing+xml")]:
            answer = await stub.in_dialog(dialog, method, body, content_type)
            assert answer.status == 200, (method, answer.start)
        reinvite = stub.build_in_dialog(dialog, "INVITE").add("Contact", dialog.contact).add("Content-Type", "application/sdp")
        reinvite.body = documents.sdp(stub.names.address, "null")
        answer = await stub.exchange(reinvite)
        assert answer.status == 200 and "m=message" in answer.text, answer.start
        stub.send(await stub.connection(), stub.build_in_dialog(dialog, "ACK", reinvite.cseq[0]))
        refused(await stub.in_dialog(dialog, "INFO", b"signal", "application/dtmf-relay"), 415, 61007)
        subscribe = stub.build_in_dialog(dialog, "SUBSCRIBE").add("Event", "presence").add("Expires", "600")
        refused(await stub.exchange(subscribe), 403, 61009)   # P-175
        refused(await stub.in_dialog(dialog, "FOOBAR"), 501, 61009)
        old = stub.build_in_dialog(dialog, "MESSAGE", 1).add("Content-Type", "text/plain")
        old.body = b"from the past"
        refused(await stub.exchange(old), 500, 61013)
        answer = await stub.in_dialog(dialog, "MESSAGE", b"and it stands", "text/plain")
        assert answer.status == 200
        assert (await bob.wait_message(lab.alice)).body == "and it stands"
        bob.send(lab.alice, "so it does")
        message = await stub.wait_request("MESSAGE", user=lab.alice, peer=lab.bob)
        assert message.text == "so it does" and message.call_id in {d.call_id for d in dialogs}

    # The front end moves: a re-INVITE names another Contact, and what follows goes there (RFC 3261 s12.2.2).
    hers.contact = hers.contact.replace("<sip:alice", "<sip:alice-moved") if lync else hers.contact.replace("alice@", "alice-moved@")
    answer = await stub.in_dialog(hers, "UPDATE")
    assert answer.status == 200
    if lync:
        assert (await stub.bye(dialogs[0])).status == 200
    bob.send(lab.alice, "to the new place")
    message = await stub.wait_request("MESSAGE", user=lab.alice, text="to the new place")
    assert "alice-moved" in message.uri and message.call_id == hers.call_id
    assert (await stub.bye(hers)).status == 200
    await nothing_more(bob, seconds=0.3)
    assert not messages(bob) and not stub.unexpected("BYE") and not stub.unexpected("INVITE") and not stub.unexpected("MESSAGE")
