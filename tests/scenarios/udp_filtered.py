# SPDX-License-Identifier: MIT
"""sipp 3.6.1 over UDP while the kernel's packet filter drops one datagram of five at random, in both directions."""
import asyncio
import shutil
import subprocess

from _lossy import from_sip, to_sip
from _sipp import needed
from labkit import netns
from run import Skip

LABS = [("prosody", "simple")]
TRANSPORT = "udp"
OPTIONS = {"hop pool01": {"options-interval": "0"}}   # sipp takes any request of a new Call-ID as one of its calls
LIMIT = 150


def drop(lab) -> list[str]:
    p = lab.places
    return ["INPUT", "-p", "udp", "-m", "udp", "--dport", str(p.sip), "-m", "statistic", "--mode", "random", "--probability", "0.2", "-j", "DROP"]


async def iptables(*words: str) -> subprocess.CompletedProcess:
    return await asyncio.to_thread(subprocess.run, ["iptables", "-w", *words], capture_output=True, text=True, timeout=20)


async def scenario(lab):
    needed()
    if not netns.inside():
        raise Skip("no network namespace of its own: the filters of this machine are left alone")
    if not shutil.which("iptables"):
        raise Skip("iptables is not installed")
    done = await iptables("-A", *drop(lab))
    if done.returncode != 0:
        raise Skip("the kernel has no match by chance: " + done.stderr.strip().splitlines()[0])
    bob = await lab.user(lab.bob, resource="desk")
    await from_sip(lab, bob)
    await to_sip(lab, bob)
    dropped = (await iptables("-nvxL", "INPUT")).stdout.splitlines()[2].split()[0]
    assert int(dropped) >= 3, f"only {dropped} datagrams were dropped"
