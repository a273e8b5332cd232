# SPDX-License-Identifier: MIT
"""
A front end that opens several connections: what we send goes by the oldest, always the same one; when that one closes, sessions and new requests go on
by another, and none is opened by us. More than max-connections-per-peer are refused, and another address is not in the way.
"""
import asyncio

from _two import arrives, logged, texts, two

LABS = [("prosody", "lync")]
OPTIONS = {"hop pool01": {"next-hop": "tls:pool01.contoso.example:5061"}, "sip": {"max-connections-per-peer": "4"}}


async def scenario(lab):
    one, other = await two(lab)
    bob = await lab.user(lab.bob)
    used = []
    dispatch = one._dispatch
    one._dispatch = lambda connection, message: (used.append((connection, message)), dispatch(connection, message))
    lines = []
    for _ in range(4):
        lines.append(await one.connect())
        await one.exchange(options(one, lab), lines[-1])

    used.clear()
    for n in range(3):
        bob.send(lab.alice, f"oldest {n}")
        await arrives(one, lab.alice, f"oldest {n}")
    requests = {c for c, m in used if m.is_request}
    assert requests == {lines[0]}, "all of it by the oldest"
    assert one.connected_in == 0, "they are used for both directions"

    lines[0].close()
    used.clear()
    bob.send(lab.alice, "the session goes on")
    await arrives(one, lab.alice, "the session goes on")
    bob.send(f"carol@{lab.domain}", "a session of carol's")
    await arrives(one, f"carol@{lab.domain}", "a session of carol's")
    requests = {c for c, m in used if m.is_request}
    assert requests and requests <= set(lines[1:]), "by one of those that are left"
    assert one.connected_in == 0, "none was opened by us"
    assert all(n == 1 for n in texts(one).values()), texts(one)

    # Three are left of four.
    lines.append(await one.connect())
    await one.exchange(options(one, lab), lines[-1])
    before = lab.stoxd.log_size()
    try:
        refused = await one.connect()
        assert await asyncio.wait_for(refused.reader.read(1), 10) == b"", "one too many"
    except (OSError, asyncio.IncompleteReadError, RuntimeError):
        pass
    await logged(lab, r"refused: max-connections-per-peer \(4\) reached", since=before)
    line = await other.connect()
    await other.exchange(options(other, lab), line)


def options(stub, lab):
    request, _ = stub.build("OPTIONS", lab.alice, lab.bob)
    request.start = f"OPTIONS sip:xgw.{lab.domain} SIP/2.0"
    stub.dialect.dress_request(request, lab.alice, lab.bob)
    return request
