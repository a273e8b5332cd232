# SPDX-License-Identifier: MIT
"""
What is too large for UDP (RFC 3261 s18.1.1, M-35 to M-38, V-08): over 1300 bytes a request goes over TCP, MESSAGE and NOTIFY alike, and where TCP is refused its
sender is told; what the peer sends over TCP for the same reason is taken.
"""
import asyncio

from _chat import fails_with, messages, nothing_more
from _presence import follow, shown

LABS = [("prosody", "simple")]
TRANSPORT = "udp"
LONG = "large " * 400


def transport_of(request) -> str:
    return request.get("Via").split(" ")[0]


async def scenario(lab):
    stub = await lab.front_end()
    bob = await lab.user(lab.bob, resource="desk")

    # Small over UDP, in both directions.
    bob.send(lab.alice, "small")
    request = await stub.wait_request("MESSAGE", text="small")
    assert transport_of(request) == "SIP/2.0/UDP" and stub.connected_in == 0
    answer = await stub.message(lab.alice, lab.bob, "also small")
    assert answer.status == 200, answer.start
    await bob.wait_message(lab.alice, "also small")

    # Large over TCP, and the next small one over UDP again: the order is the sender's.
    bob.send(lab.alice, LONG)
    bob.send(lab.alice, "small again")
    request = await stub.wait_request("MESSAGE", text=LONG)
    assert transport_of(request) == "SIP/2.0/TCP" and stub.connected_in == 1, request.get("Via")
    request = await stub.wait_request("MESSAGE", text="small again")
    assert transport_of(request) == "SIP/2.0/UDP", request.get("Via")
    assert [r.text for r in stub.received if r.method == "MESSAGE"] == ["small", LONG, "small again"]

    # The peer does the same.
    stub.names.transport = "tcp"
    answer = await stub.message(lab.alice, lab.bob, LONG)
    assert answer.status == 200, answer.start
    await bob.wait_message(lab.alice, LONG)
    stub.names.transport = "udp"

    # A NOTIFY that a status text makes large.
    watch = await stub.watch(lab.alice, lab.bob)
    await bob.wait_presence(lab.alice, "subscribe")
    bob.approve(lab.alice)
    first = await stub.wait_request("NOTIFY", check=lambda r: r.get("Subscription-State").startswith("active"))
    assert transport_of(first) == "SIP/2.0/UDP", first.get("Via")
    bob.presence(show="away", status=LONG)
    large = await stub.wait_request("NOTIFY", check=lambda r: LONG.strip() in r.text)
    assert transport_of(large) == "SIP/2.0/TCP" and large.call_id == watch.call_id, large.get("Via")
    bob.presence(show="away", status="short")
    small = await stub.wait_request("NOTIFY", check=lambda r: "short" in r.text)
    assert transport_of(small) == "SIP/2.0/UDP", small.get("Via")
    assert max(stub.datagrams.sizes) <= 1300, "no request over 1300 bytes in a datagram"

    # Nobody takes TCP: the sender hears why, and what is small still goes.
    stub._server.close()
    stub.close_connections()
    ident = bob.send(lab.alice, LONG)
    await fails_with(bob, ident, lab.alice, "policy-violation", "modify")
    bob.send(lab.alice, "small once more")
    await stub.wait_request("MESSAGE", text="small once more")
    await nothing_more(bob)
    assert not messages(bob)
