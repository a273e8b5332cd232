# SPDX-License-Identifier: MIT
"""
What a hop finds before the first message: NEGOTIATE and OPTIONS (lync.md 4.2, R-25), methods and dialogs that do not exist (R-23, R-24),
CRLF pings (RFC 5626 s3.5.1), and whole messages whatever way they are cut (R-28).
"""
import asyncio

from _chat import diagnostic, refused
from peers.sipmsg import token

LABS = [("prosody", "lync"), ("prosody", "simple")]
ACCEPT = {"text/plain", "text/html", "text/rtf", "multipart/alternative", "multipart/related", "multipart/mixed", "message/cpim",
          "application/im-iscomposing+xml", "message/imdn+xml", "application/sdp", "application/pidf+xml"}
ALLOW = {"INVITE", "ACK", "BYE", "CANCEL", "OPTIONS", "MESSAGE", "SUBSCRIBE", "NOTIFY", "INFO", "UPDATE"}


def words(value: str) -> set[str]:
    return {word.strip() for word in value.split(",")}


async def pong(connection) -> bool:
    before = connection.framer.pongs
    connection.write(b"\r\n\r\n")
    for _ in range(40):
        await asyncio.sleep(0.05)
        if connection.framer.pongs == before + 1:
            return True
    return False


async def scenario(lab):
    stub = await lab.front_end()
    connection = await stub.connection()

    first, second = await stub.greet(connection)
    refused(first, 405, 61016)
    assert words(first.get("Allow")) == ALLOW, first.get("Allow")
    assert second.status == 200 and not second.has("ms-diagnostics-public")
    assert words(second.get("Allow")) == ALLOW, second.get("Allow")
    assert words(second.get("Accept")) == ACCEPT, second.get("Accept")
    assert words(second.get("Supported")) == {"timer", "gruu"}, second.get("Supported")
    assert second.get("Allow-Events") == "presence"

    assert await pong(connection), "a double CRLF is answered by a single one"

    for method in ("REGISTER", "PUBLISH", "SERVICE", "REFER", "PRACK", "FOOBAR"):
        answer = await stub.exchange(stub.build_hop(method), connection)
        refused(answer, 501 if method == "FOOBAR" else 405, 61009)   # lync.md 4.9-405
        assert words(answer.get("Allow")) == ALLOW, answer.get("Allow")

    for method in ("MESSAGE", "BYE", "INFO", "UPDATE", "NOTIFY", "SUBSCRIBE", "INVITE", "OPTIONS"):
        request, _ = stub.build(method, lab.alice, lab.bob)
        request.headers = [(n, v + ";tag=gone" if n == "To" else v) for n, v in request.headers]
        if method in ("INVITE", "SUBSCRIBE", "UPDATE", "NOTIFY"):
            request.add("Contact", stub.dialect.contact(lab.alice))
        if method in ("NOTIFY", "SUBSCRIBE"):
            request.add("Event", "presence")
        if method == "NOTIFY":
            request.add("Subscription-State", "active;expires=60")
        if method == "MESSAGE":
            request.add("Content-Type", "text/plain")
            request.body = b"Anybody there?"
        answer = await stub.exchange(request, connection)
        refused(answer, 481, 61012)
        if method == "INVITE":
            stub._ack_failure(connection, request, answer)
    for method in ("BYE", "INFO", "NOTIFY"):
        request, _ = stub.build(method, lab.alice, lab.bob)
        request.add("Contact", stub.dialect.contact(lab.alice)).add("Event", "presence")
        request.add("Subscription-State", "active;expires=60")
        refused(await stub.exchange(request, connection), 481, 61012)

    # Never answered: an ACK and a BENOTIFY ([MS-SIP] 3.4), even of dialogs that are not known.
    seen = len(stub._answered)
    for method in ("ACK", "BENOTIFY"):
        request, _ = stub.build(method, lab.alice, lab.bob)
        request.headers = [(n, v + ";tag=gone" if n == "To" else v) for n, v in request.headers]
        request.add("Contact", stub.dialect.contact(lab.alice)).add("Event", "presence")
        request.add("Subscription-State", "active;expires=60")
        connection.write(request.to_bytes())
    cancel, _ = stub.build("CANCEL", lab.alice, lab.bob)
    refused(await stub.exchange(cancel, connection), 481, 61012)
    assert len(stub._answered) == seen + 1 and not stub.violations, stub.violations

    # Two requests in one write, then one in pieces.
    pair = [stub.build_hop("OPTIONS") for _ in range(2)]
    both = b"".join(request.to_bytes() for request in pair)
    cut, sent = len(both) // 3, []
    write, connection.write = connection.write, lambda data: None
    sent = [stub.send_request(connection, request) for request in pair]
    connection.write = write
    for piece in (both[:cut], both[cut:cut + 1], both[cut + 1:]):
        connection.write(piece)
        await asyncio.sleep(0.1)
    for transaction in sent:
        assert (await stub.final(transaction)).status == 200

    # A request whose CSeq speaks of another method (RFC 3261 s8.1.1.5), and one that asks for the unknown.
    request = stub.build_hop("OPTIONS")
    request.headers = [(n, "1 INFO" if n == "CSeq" else v) for n, v in request.headers]
    refused(await stub.exchange(request, connection), 400, 61013)
    request = stub.build_hop("OPTIONS").add("Require", "x-" + token(3))
    answer = await stub.exchange(request, connection)
    refused(answer, 420, 61010)
    assert answer.get("Unsupported") == request.get("Require")

    assert connection.open and connection in stub.connections, "all on one connection"
    answer = await stub.exchange(stub.build_hop("OPTIONS"), connection)
    assert answer.status == 200 and diagnostic(answer) == 0
