# SPDX-License-Identifier: MIT
"""XMPP to a lync hop: a session without messages is ended with BYE after session-idle-timeout (S-09); the next message opens a new one."""
import asyncio

from _chat import messages

LABS = [("prosody", "lync")]
OPTIONS = {"gateway": {"session-idle-timeout": "5"}}


async def scenario(lab):
    stub = await lab.front_end()
    bob = await lab.user(lab.bob)
    clock = asyncio.get_running_loop().time

    bob.send(lab.alice, "hello")
    invite = await stub.wait_request("INVITE", user=lab.alice)
    await stub.wait_request("MESSAGE", text="hello")
    await asyncio.sleep(2.5)
    assert (await stub.message(lab.alice, lab.bob, "hello yourself")).status == 200
    await bob.wait_message(lab.alice, "hello yourself")
    assert len(stub.dialogs) == 1, "she answers in the session that stands"
    await asyncio.sleep(2.5)
    since = clock()
    bob.send(lab.alice, "bye then")
    await stub.wait_request("MESSAGE", text="bye then")
    assert not stub.unexpected("BYE"), "each message, of either side, begins the time anew"

    bye = await stub.wait_request("BYE", user=lab.alice, peer=lab.bob)
    assert bye.call_id == invite.call_id
    assert 4.8 < clock() - since < 7, f"after {clock() - since:.1f} s"
    assert not stub.unexpected("BYE") and not stub.unexpected("INVITE") and not messages(bob)

    bob.send(lab.alice, "one more thing")
    again = await stub.wait_request("INVITE", user=lab.alice)
    message = await stub.wait_request("MESSAGE", text="one more thing")
    assert message.call_id == again.call_id != invite.call_id
    assert not messages(bob) and not stub.unexpected("MESSAGE")
