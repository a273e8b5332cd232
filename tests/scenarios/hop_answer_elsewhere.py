# SPDX-License-Identifier: MIT
"""The connection a request came on is gone when its answer is due: the answer goes out on a new one, to where the top Via says (RFC 3261 s18.2.2)."""
import asyncio

LABS = [("prosody", "lync"), ("prosody", "simple")]


class Gone:
    """Stands for the closed connection, so that the stub goes on waiting for the answer."""
    open = False


async def scenario(lab):
    stub = await lab.front_end()
    bob = await lab.user(lab.bob)
    request, _ = stub.build("MESSAGE", lab.alice, lab.bob)
    stub.dialect.dress_request(request, lab.alice, lab.bob)
    request.add("Content-Type", "text/plain")
    request.body = b"answer me elsewhere"
    connection = await stub.connection()
    before = stub.connected_in
    lab.partner.process.halt()
    try:
        transaction = stub.send_request(connection, request)
        await asyncio.sleep(0.3)
        transaction.connection = Gone()
        for open_one in list(stub.connections):
            open_one.close()
        await asyncio.sleep(0.3)
    finally:
        lab.partner.process.resume()
    answer = await stub.final(transaction)
    assert answer.status in (200, 202), answer.start
    assert stub.connected_in == before + 1, "stoxd opened one connection for it"
    await bob.wait_message(lab.alice, "answer me elsewhere")
