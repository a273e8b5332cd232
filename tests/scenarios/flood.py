# SPDX-License-Identifier: MIT
"""
Floods from one peer (max-requests-per-second = 100): sipp sends INVITE, SUBSCRIBE and OPTIONS at six times the limit, then a connection sends OPTIONS without
reading at hundreds of times. What is over gets 503, beyond ten times nothing; messages of another peer cross meanwhile; memory does not grow; one warning.
"""
import asyncio
import re
import socket
from collections import Counter

from _chat import nothing_more, page
from _sipp import ACK, HERE, needed
from labkit.process import Process, tail
from labkit.templates import fill

LABS = [("prosody", "simple")]
OPTIONS = {"hop pool01": {"max-requests-per-second": "100"}}
CALLS, RATE = 800, 200
AUDIO = "v=0\no=- 0 0 IN IP4 127.0.0.14\ns=call\nc=IN IP4 127.0.0.14\nt=0 0\nm=audio 40000 RTP/AVP 0"
FLOODS = {
    "INVITE": {"headers": "Content-Type: application/sdp", "body": AUDIO, "status": "488", "ack": ACK},
    "SUBSCRIBE": {"headers": "Event: dialog", "body": "", "status": "489", "ack": ""},
    "OPTIONS": {"headers": "Accept: application/sdp", "body": "", "status": "200", "ack": ""},
}
ASK = """OPTIONS sip:{gateway} SIP/2.0
Via: SIP/2.0/TCP {peer}:5061;branch=z9hG4bKflood{number}
From: <sip:{alice}>;tag=f{number}
To: <sip:{gateway}>
Call-ID: flood{number}
CSeq: 1 OPTIONS
Max-Forwards: 70
Content-Length: 0

"""


def start(lab, method):
    """sipp at the pool's second address, one connection."""
    p, directory = lab.places, lab.directory / "flood"
    directory.mkdir(exist_ok=True)
    file = fill(str(HERE / "flood.xml.in"), directory / f"{method}.xml", method=method, **FLOODS[method])
    return Process.start(f"sipp {method}", [
        "sipp", "-sf", str(file), "-t", "t1", "-i", p.frontend2, "-p", "0", "-m", str(CALLS), "-r", str(RATE), "-l", str(CALLS), "-nostdin",
        "-skip_rlimit", "-timeout", "40", "-timeout_error", "-recv_timeout", "20000", "-trace_err", "-error_file", str(directory / f"{method}.errors"),
        "-key", "alice", lab.alice, "-key", "bob", lab.bob, "-key", "via", "TCP", f"{p.gateway}:{p.sip}"], directory / f"{method}.output",
        directory=directory)


async def cross(lab, stub, bob, count):
    """Messages of the peer at the other address, each way, while it goes on."""
    slowest = 0.0
    for n in range(count):
        began = asyncio.get_running_loop().time()
        text = f"among a flood {began}"
        answer = await page(stub, lab.alice, lab.bob, text.encode())
        assert answer.status in (200, 202), answer.start
        await bob.wait_message(lab.alice, text)
        bob.send(lab.alice, text)
        await stub.wait_request("MESSAGE", user=lab.alice, text=text)
        slowest = max(slowest, asyncio.get_running_loop().time() - began)
        await asyncio.sleep(0.1)
    return slowest


async def of_sipp(lab, stub, bob):
    running = [start(lab, method) for method in FLOODS]
    try:
        slowest = await cross(lab, stub, bob, 15)
        for process in running:
            status = await asyncio.to_thread(process.child.wait, 45)
            assert status == 0, f"{process.name} ended with {status}\n{tail(process.log, 40, process.name)}"
    finally:
        for process in running:
            await asyncio.to_thread(process.stop)
    return slowest


async def of_one_connection(lab, count):
    """All at once; statuses of what is answered until a fresh request is."""
    p, loop = lab.places, asyncio.get_running_loop()
    connection = socket.socket()
    connection.setblocking(False)
    connection.bind((p.frontend2, 0))
    await loop.sock_connect(connection, (p.gateway, p.sip))

    def ask(number):
        return ASK.format(gateway=f"xgw.{lab.domain}", peer=p.frontend2, alice=lab.alice, number=number).replace("\n", "\r\n").encode()

    sent = asyncio.ensure_future(loop.sock_sendall(connection, b"".join(ask(n) for n in range(count))))
    seen, last, number = b"", b"", count
    while b"\r\nCall-ID: last" not in seen:
        try:
            seen += await asyncio.wait_for(loop.sock_recv(connection, 1 << 20), 3)
        except asyncio.TimeoutError:
            # Silence: the flood has been taken. The bucket is full again.
            assert sent.done() and not last, "a connection that has flooded is served on"
            last = ask(number).replace(b"Call-ID: flood", b"Call-ID: last")
            await loop.sock_sendall(connection, last)
    connection.close()
    return Counter(re.findall(rb"^SIP/2.0 (\d+)", seen, re.M))


async def scenario(lab):
    needed()
    bob = await lab.user(lab.bob, resource="desk")
    stub = await lab.front_end()

    await of_sipp(lab, stub, bob)
    before = lab.stoxd.memory()
    slowest = await of_sipp(lab, stub, bob)
    assert slowest < 3, f"a message took {slowest:.1f} s to cross and back"

    statuses, slowest = await asyncio.gather(of_one_connection(lab, 30000), cross(lab, stub, bob, 10))
    assert slowest < 3, f"a message took {slowest:.1f} s to cross and back"
    assert statuses[b"200"] < 1500 and statuses[b"503"] < 13500 and sum(statuses.values()) < 20000, statuses
    assert statuses[b"503"] >= 900, statuses   # lync.md 4.9-overload
    grown = lab.stoxd.memory() - before
    assert grown < 8 << 20, f"memory grew by {grown >> 10} KiB"
    lines = [line for line in lab.stoxd.log.read_text().splitlines() if " sends more than 100 requests a second" in line]
    assert len(lines) == 1 and lab.places.frontend2 in lines[0], lines
    await nothing_more(bob)
