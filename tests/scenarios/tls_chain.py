# SPDX-License-Identifier: MIT
"""
Kamailio behind a simple hop, both certificates from an intermediate CA that neither side's bundle holds, crl = chain. Its certificate is revoked: after
the CRL is read again the open connection stays, a new one is refused with the date; with the certificate off the list it works again.
"""
import asyncio
import re
import signal

from _kamailio import Client, Kamailio, needed
from labkit.ca import BOTH

LABS = [("prosody", "simple")]
STANDS_ALONE = True


async def scenario(lab):
    needed()
    lab.options.transport = "tls"
    ours = lab.stoxd.directory
    lab.options.extra = {"hop pool01": {"crl": "chain", "crl-file": str(ours / "lists.pem"), "options-interval": "0"}}
    lab.prepare()
    issuing = lab.ca.subordinate(lab.directory / "issuing", "Issuing CA")
    certificate, key = issuing.issue("xgw", [f"xgw.{lab.domain}"], BOTH)
    (ours / "xgw.crt").write_bytes(certificate.read_bytes() + issuing.certificate.read_bytes())
    (ours / "xgw.key").write_bytes(key.read_bytes())
    leaf, key = issuing.issue("kamailio", [f"pool01.{lab.domain}"], BOTH)
    chain = leaf.with_name("kamailio-chain.crt")
    chain.write_bytes(leaf.read_bytes() + issuing.certificate.read_bytes())
    lab.frontend_certificate = (chain, key)
    lists(lab, issuing)
    kamailio = Kamailio(lab)
    kamailio.prepare()
    try:
        await asyncio.to_thread(kamailio.start)
        await asyncio.to_thread(lab.start)
        await lab.wait_attached()
        await play(lab, kamailio, issuing, leaf)
        assert lab.stoxd.process.alive(), "stoxd has ended"
    except BaseException:
        print(kamailio.tail(40))
        print(lab.tails(40))
        raise
    finally:
        await lab.__aexit__()
        await asyncio.to_thread(kamailio.stop)


def lists(lab, issuing, *revoked):
    (lab.stoxd.directory / "lists.pem").write_text(lab.ca.revocations() + issuing.revocations(*revoked))


async def read_again(lab):
    since = lab.stoxd.log_size()
    lab.stoxd.process.signal(signal.SIGHUP)
    await asyncio.to_thread(lab.stoxd.wait_log, "reloaded: new connections use", 5, since)


async def registered(lab):
    alice = Client(lab)
    lab.stubs.append(alice)
    await alice.start()
    assert (await alice.register()).status == 200
    return alice


async def delivered(lab, bob, alice, text):
    bob.send(lab.alice, text)
    await alice.wait_request("MESSAGE", user=lab.alice, peer=lab.bob, text=text)


async def play(lab, kamailio, issuing, leaf):
    bob = await lab.user(lab.bob)
    alice = await registered(lab)
    await delivered(lab, bob, alice, "through the chain")
    answer = await alice.message(lab.alice, lab.bob, "and back")
    assert answer.status == 200, answer.start
    await bob.wait_message(lab.alice, "and back")

    lists(lab, issuing, leaf)
    await read_again(lab)
    await delivered(lab, bob, alice, "on the open connection")

    await asyncio.to_thread(kamailio.stop)
    await asyncio.to_thread(kamailio.start)
    since = lab.stoxd.log_size()
    bob.send(lab.alice, "to the revoked one")
    await bob.wait_error("message", sender=lab.alice)
    line = await asyncio.to_thread(lab.stoxd.wait_log, "was revoked on", 5, since)
    assert re.search(rf"certificate /CN=pool01\.{lab.domain} was revoked on 20\d\d-\d\d-\d\d \d\d:\d\d UTC", line), line

    lists(lab, issuing)
    await read_again(lab)
    alice.assert_clean()
    await alice.stop()
    lab.stubs.remove(alice)
    alice = await registered(lab)   # its location table was in memory
    await delivered(lab, bob, alice, "let in again")
    alice.assert_clean()
