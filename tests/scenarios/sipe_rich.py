# SPDX-License-Identifier: MIT
"""
pidgin-sipe 1.25.0 and rich text (M-14, M-112; lync.md 4.4): what its SDP lists and what ours answers, HTML toward it, its own text/plain;
the front end between is our stub (tests/peers/registrar.py).
"""
from _chat import messages, nothing_more
from _sipe import Sipe, program
from peers.registrar import Registrar

LABS = [("prosody", "lync")]
OPTIONS = {"partner partner.example": {"xhtml-im": "yes"}, "hop pool01": {"rich-text": "yes"}}


def types(message) -> list[str]:
    line = next(line for line in message.text.splitlines() if line.startswith("a=accept-types:"))
    return line.partition(":")[2].split()


async def scenario(lab):
    program(lab)
    stub = await lab.front_end()
    registrar = Registrar(stub, [lab.alice])
    await registrar.start()
    try:
        bob = await lab.user(lab.bob, resource="desk")
        bob.client.register_plugin("xep_0071")
        async with Sipe(lab, lab.alice, f"{registrar.address}:{registrar.port}") as alice:
            await alice.wait("connected")
            await hers(lab, registrar, alice, bob)
            await his(lab, registrar, alice, bob)
            alice.tell("close", lab.bob)
            await registrar.wait("the BYE", lambda d, m: d == "<" and m.is_request and m.method == "BYE")
            assert await alice.quit() == 0
    finally:
        await registrar.stop()
    assert not messages(bob)


async def hers(lab, registrar, alice, bob):
    alice.tell("im", lab.bob, "Hello <Bob>")
    await bob.wait_message(lab.alice, "Hello <Bob>")
    offer = await registrar.wait("her INVITE", lambda d, m: d == "<" and m.is_request and m.method == "INVITE")
    answer = await registrar.wait("its answer", lambda d, m: d == ">" and m.status == 200 and m.method == "INVITE")
    assert "text/html" in types(offer) and "multipart/alternative" not in types(offer), types(offer)
    assert types(answer) == ["text/plain", "text/html", "text/rtf", "multipart/alternative"], types(answer)


async def his(lab, registrar, alice, bob):
    rich = bob.client.make_message(mto=lab.alice, mtype="chat", mbody="so <you> say")
    rich["html"]["body"] = "<p>so &lt;you&gt; <strong>say</strong></p>"
    rich.send()
    shown = await alice.wait("im", lab.bob, check=lambda line: "say" in line)
    assert "<strong>say</strong>" in shown, shown
    bob.send(lab.alice, "and *this*")
    shown = await alice.wait("im", lab.bob, check=lambda line: "this" in line)
    assert "<strong>*this*</strong>" in shown, shown
    bob.send(lab.alice, "but not that")
    await alice.wait("im", lab.bob, "but not that")
    kinds = [m.get("Content-Type").partition(";")[0] for d, m in registrar.seen if d == ">" and m.is_request and m.method == "MESSAGE"]
    assert kinds == ["text/html"] * 2 + ["text/plain"], kinds
    await nothing_more(bob)
