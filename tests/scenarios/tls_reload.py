# SPDX-License-Identifier: MIT
"""
SIGHUP while messages flow: a key that does not fit is refused and the log says so, certificate and bundle of a new CA are taken; no message is lost or
doubled. Then the pool comes back with a certificate of the new CA, and one of the old CA is refused.
"""
import asyncio
import signal

from labkit.ca import SERVER, CertificateAuthority
from peers.frontend import tls_contexts

LABS = [("prosody", "lync")]
STANDS_ALONE = True
FLOW = 60


async def scenario(lab):
    ours = lab.stoxd.directory
    lab.options.extra = {"hop pool01": {"ca": str(ours / "hop-ca.pem")}}
    ours.mkdir(parents=True, exist_ok=True)
    (ours / "hop-ca.pem").write_bytes(lab.ca.certificate.read_bytes())
    async with lab:
        try:
            await lab.wait_attached()
            await play(lab, ours)
            assert lab.stoxd.process.alive(), "stoxd has ended"
        except BaseException:
            print(lab.tails(40))
            raise


async def hang_up(lab, pattern):
    since = lab.stoxd.log_size()
    lab.stoxd.process.signal(signal.SIGHUP)
    return await asyncio.to_thread(lab.stoxd.wait_log, pattern, 5, since)


async def play(lab, ours):
    stub = await lab.front_end()
    bob = await lab.user(lab.bob)
    bob.send(lab.alice, "first")
    await stub.wait_request("MESSAGE", user=lab.alice, text="first")
    fits = (ours / "xgw.key").read_bytes()
    other = CertificateAuthority(lab.directory / "new-ca", "New CA")

    async def flow():
        for n in range(FLOW):
            bob.send(lab.alice, f"flow {n}")
            await asyncio.sleep(0.03)

    flowing = asyncio.create_task(flow())
    # The renewal went wrong half-way: certificate and key are no pair.
    (ours / "xgw.key").write_bytes(other.issue("stray", [f"xgw.{lab.domain}"], SERVER)[1].read_bytes())
    line = await hang_up(lab, "not reloaded, the old certificates stay in force")
    assert "does not belong to certificate" in line and str(ours / "xgw.crt") in line, line
    (ours / "xgw.key").write_bytes(fits)
    for _ in range(5):
        await hang_up(lab, "reloaded: new connections use")
    # Everything from a new CA.
    certificate, key = other.issue("xgw", [f"xgw.{lab.domain}"], SERVER)
    (ours / "xgw.crt").write_bytes(certificate.read_bytes())
    (ours / "xgw.key").write_bytes(key.read_bytes())
    (ours / "hop-ca.pem").write_bytes(other.certificate.read_bytes())
    await hang_up(lab, "reloaded: new connections use")
    await flowing
    await stub.wait_request("MESSAGE", user=lab.alice, text=f"flow {FLOW - 1}")
    # The connection of before the reload lives on, and nothing was lost or doubled.
    texts = [r.text for r in stub.received if r.method == "MESSAGE"]
    assert texts == ["first"] + [f"flow {n}" for n in range(FLOW)], texts
    stub.assert_clean()
    await stub.stop()
    lab.stubs.remove(stub)

    # The old CA's certificate is one of a stranger now.
    stranger = await lab.front_end()
    since = lab.stoxd.log_size()
    bob.send(lab.alice, "to the old one")
    await bob.wait_error("message", sender=lab.alice)
    await asyncio.to_thread(lab.stoxd.wait_log, "refused: .*not issued by a CA of the hop's ca file", 5, since)
    assert not [r for r in stranger.received if r.method in ("INVITE", "MESSAGE")]
    await stranger.stop()
    lab.stubs.remove(stranger)

    # And the pool with one of the new CA, which itself knows that CA alone.
    certificate, key = other.issue("frontend", [f"pool01.{lab.domain}", f"fe01.{lab.domain}"], SERVER)
    again = await lab.front_end(start=False)
    again.tls = tls_contexts(str(certificate), str(key), str(other.certificate))
    await again.start()
    answer = await again.message(lab.alice, lab.bob, "from the new one")
    assert answer.status == 200, answer.start
    await bob.wait_message(lab.alice, "from the new one")
