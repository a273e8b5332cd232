# SPDX-License-Identifier: MIT
"""Promise 4, no doubles: repeated requests and answers, forks of an INVITE (RFC 3261 s13.2.2.4, s17.2), and what only looks like a repetition."""
import asyncio

from _chat import PLAIN, messages, nothing_more, page, raw, refused
from peers.sipmsg import Message

LABS = [("prosody", "lync"), ("prosody", "simple")]


async def scenario(lab):
    wire = []
    stub = await lab.front_end(hook=lambda arrow, message: wire.append((arrow, message)))
    bob = await lab.user(lab.bob)

    # While a request waits for its answer: the same one again, and the same by another way, a merged one.
    request, _ = stub.build("MESSAGE", lab.alice, lab.bob)
    stub.dialect.dress_request(request, lab.alice, lab.bob)
    request.add("Content-Type", PLAIN)
    request.body = b"once"
    merged = Message(request.start, [(n, v) for n, v in request.headers if n != "Via"], request.body)
    merged.headers[:0] = [("Via", via) for via in stub.dialect.via()]
    connection = await stub.connection()
    lab.partner.process.halt()
    try:
        transaction = stub.send_request(connection, request)
        for _ in range(3):
            connection.write(request.to_bytes())
        refused(await stub.exchange(merged, connection), 482, 61015)
    finally:
        lab.partner.process.resume()
    assert (await stub.final(transaction)).status == 200
    assert (await stub.exchange(stub.build_hop("OPTIONS"), connection)).status == 200
    assert sum(1 for arrow, m in wire if arrow == "<" and not m.is_request and m.call_id == request.call_id and m.status == 200) == 1
    await bob.wait_message(lab.alice, "once")
    await nothing_more(bob, seconds=0.3)

    # The same text in a new request is another message; so is the same id from XMPP, as ids need not be unique for a receiver.
    for _ in range(2):
        assert (await page(stub, lab.alice, lab.bob, b"twice")).status == 200
    for _ in range(2):
        await bob.wait_message(lab.alice, "twice")
    for _ in range(2):
        raw(bob, lab.alice, "<body>again</body>", ident="same")
    if lab.dialect == "simple":
        for _ in range(2):
            await stub.wait_request("MESSAGE", user=lab.alice, text="again")
        await nothing_more(bob, seconds=0.3)
        assert not messages(bob) and not stub.unexpected("MESSAGE")
        return
    invite = await stub.wait_request("INVITE", user=lab.alice)
    for _ in range(2):
        await stub.wait_request("MESSAGE", user=lab.alice, text="again")
    await stub.wait_request("ACK")
    assert (await stub.bye(stub.session_of(invite.call_id))).status == 200

    # Two of her clients take the call: the first one has it, the other is acknowledged and ended.
    stub.fail("INVITE", "hold")
    bob.send(lab.alice, "forked")
    invite = await stub.wait_request("INVITE", user=lab.alice)
    caller, request = stub.held.pop(0)
    await stub._accept(caller, request)
    await stub.wait_request("ACK")
    message = await stub.wait_request("MESSAGE", text="forked")
    await stub._accept(caller, request)
    await stub.wait_request("ACK")
    bye = await stub.wait_request("BYE")
    one, two = [d for d in stub.dialogs if d.call_id == invite.call_id]
    assert one.matches(message) and two.matches(bye) and two.ended and not one.ended

    # Its 200 once more: the ACK once more, and nothing else.
    again = next(m for arrow, m in wire if arrow == ">" and not m.is_request and m.status == 200 and m.call_id == invite.call_id
                 and m.cseq[1] == "INVITE" and one.local_tag in m.get("To"))
    stub._expect_ack(request)
    stub.send(caller, again)
    assert one.matches(await stub.wait_request("ACK"))
    bob.send(lab.alice, "in the first")
    assert one.matches(await stub.wait_request("MESSAGE", text="in the first"))
    await asyncio.sleep(0.3)
    await nothing_more(bob, seconds=0.3)
    for method in ("INVITE", "MESSAGE", "ACK", "BYE"):
        assert not stub.unexpected(method), method
    assert not messages(bob)
