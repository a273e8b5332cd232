# SPDX-License-Identifier: MIT
"""
Requests inside a dialog go to the front end that ms-fe names, by whatever connection its certificate carries that name; when it is gone the pool is
asked (lync.md 4.3), which knows nothing of the dialog, and a new session is opened there.
"""
from _two import arrives, texts, two

LABS = [("prosody", "lync")]


async def scenario(lab):
    one, other = await two(lab)          # pool01 is the address of the first
    bob = await lab.user(lab.bob, resource="desk")
    await other.message(lab.alice, lab.bob, "from the second front end")
    await bob.wait_message(lab.alice, "from the second front end")

    bob.send(lab.alice, "by its own connection")
    await arrives(other, lab.alice, "by its own connection")
    assert other.connected_in == 0 and one.connected_in == 0, "no connection was opened"

    # Its connections go: one is opened to itself, not to the pool.
    other.close_connections()
    bob.send(lab.alice, "by a new one to ms-fe")
    await arrives(other, lab.alice, "by a new one to ms-fe")
    assert (one.connected_in, other.connected_in) == (0, 1), (one.connected_in, other.connected_in)

    # It goes away for good: the pool answers 481, and gets a session of its own.
    await other.stop(abort=True)
    bob.send(lab.alice, "by the pool")
    await arrives(one, lab.alice, "by the pool", timeout=20)
    assert texts(other) == {"by its own connection": 1, "by a new one to ms-fe": 1}, texts(other)
    delivered = [m for m in one.received if m.method == "MESSAGE" and m.text == "by the pool"]
    assert len(delivered) <= 2, "the one that got 481, and the one that arrived"
