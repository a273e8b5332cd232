# SPDX-License-Identifier: MIT
"""pidgin-sipe 1.25.0 and typing (lync.md 4.5): what it sends while alice types, what it shows of bob; the front end between is our stub (tests/peers/registrar.py)."""
from _chat import messages
from _sipe import Sipe, program
from _states import acknowledged, say, shown, speaks_states, state, state_of
from peers.registrar import Registrar

LABS = [("prosody", "lync")]


async def scenario(lab):
    program(lab)
    stub = await lab.front_end()
    registrar = Registrar(stub, [lab.alice])
    await registrar.start()
    try:
        bob = await lab.user(lab.bob, resource="desk")
        speaks_states(bob)
        async with Sipe(lab, lab.alice, f"{registrar.address}:{registrar.port}") as alice:
            await alice.wait("connected")
            alice.tell("im", lab.bob, "Hello Bob")
            await bob.wait_message(lab.alice, "Hello Bob")
            ident = say(bob, lab.alice, "Hello Alice", request=True)
            await alice.wait("im", lab.bob, "Hello Alice")
            await acknowledged(bob, lab.alice, ident)   # her client's 200

            alice.tell("typing", lab.bob)
            await shown(bob, lab.alice, "composing")
            alice.tell("im", lab.bob, "I have typed")
            assert state_of(await bob.wait_message(lab.alice, "I have typed")) == "active"

            state(bob, lab.alice, "composing")
            await alice.wait("typing", lab.bob)
            state(bob, lab.alice, "paused")
            await alice.wait("stopped", lab.bob)

            alice.tell("close", lab.bob)
            await shown(bob, lab.alice, "gone")
            assert await alice.quit() == 0
    finally:
        await registrar.stop()
    assert not [seen for seen in messages(bob) if seen.body]
