# SPDX-License-Identifier: MIT
"""
A next hop without a port, found by SRV records that dnsmasq serves: the target of the lower priority value gets the traffic, the other one when it is gone
(RFC 2782, RFC 3263 s4.2); one whose target does not resolve is no obstacle.
"""
import asyncio
import shutil
import socket

from labkit.names import mounts_allowed
from labkit.process import Process

from _two import arrives, logged, texts, two
from run import Skip

LABS = [("prosody", "lync")]
STANDS_ALONE = True
OPTIONS = {"hop pool01": {"next-hop": "tls:contoso.example"}}
SRV = [("gone", 5), ("fe02", 10), ("fe01", 20)]


def answers() -> bool:
    """Whether somebody answers queries of DNS on the loopback."""
    query = b"\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x07contoso\x07example\x00\x00\x01\x00\x01"
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asker:
        asker.settimeout(0.5)
        try:
            asker.connect(("127.0.0.1", 53))
            asker.send(query)
            return asker.recv(512)[:2] == query[:2]
        except OSError:
            return False


async def scenario(lab):
    if not shutil.which("dnsmasq"):
        raise Skip("dnsmasq (package dnsmasq-base) is not installed")
    if not mounts_allowed():
        raise Skip("a resolv.conf of one's own cannot be had here")
    (lab.directory / "resolv.conf").write_text("nameserver 127.0.0.1\n")
    command = ["dnsmasq", "--keep-in-foreground", "--conf-file=/dev/null", "--no-resolv", "--no-hosts", "--user=root", "--pid-file=",
               "--listen-address=127.0.0.1", "--bind-interfaces", "--local=/example/"]
    command += [f"--srv-host=_sips._tcp.{lab.domain},{name}.{lab.domain},{lab.places.sip},{priority},10" for name, priority in SRV]
    dns = Process.start("dnsmasq", command, lab.directory / "dnsmasq.log", directory=lab.directory)
    try:
        await asyncio.to_thread(dns.wait_until, answers, 10, "it answers")
        async with lab:
            try:
                await lab.wait_attached()
                await with_lab(lab)
            except BaseException:
                print(lab.tails(25))
                raise
    finally:
        await asyncio.to_thread(dns.stop)


async def with_lab(lab):
    one, other = await two(lab)
    bob = await lab.user(lab.bob)
    user = [f"user{n}@{lab.domain}" for n in range(4)]
    bob.send(user[1], "the lower value first")
    await arrives(other, user[1], "the lower value first")
    assert one.connected_in == 0
    await other.stop(abort=True)
    bob.send(user[2], "then the next one")
    await arrives(one, user[2], "then the next one")
    await logged(lab, rf"\[hop pool01\] server {lab.domain} {lab.places.frontend2}:5061 is down")
    assert all(n == 1 for n in texts(one, other).values()), texts(one, other)
    for stub in lab.stubs:
        stub.assert_clean()
