# SPDX-License-Identifier: MIT
"""
A front end with a wrong certificate: the sender gets an error, the log names the reason (lync.md 4.2); with the good one it works, although that
has serverAuth only.
"""
import asyncio

LABS = [("prosody", "lync")]

REASONS = {"wrong-name": "its certificate carries intruder.contoso.example", "expired": "expired on",
           "other-ca": "not issued by a CA of the hop's ca file"}


async def scenario(lab):
    bob = await lab.user(lab.bob)
    for kind, reason in REASONS.items():
        stub = await lab.front_end(certificate=lab.bad_certificate(kind))
        since = lab.stoxd.log_size()
        ident = bob.send(lab.alice, f"to {kind}")
        error = await bob.wait_error("message", sender=lab.alice, id=ident)
        assert error.error_type == "wait", error.error_type
        line = await asyncio.to_thread(lab.stoxd.wait_log, "refused", 5, since)
        assert reason in line, line
        assert not [r for r in stub.received if r.method == "INVITE"]
        await stub.stop()
        lab.stubs.remove(stub)
    stub = await lab.front_end()
    bob.send(lab.alice, "to the right one")
    await stub.wait_request("MESSAGE", user=lab.alice, text="to the right one")
