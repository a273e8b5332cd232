# SPDX-License-Identifier: MIT
"""
The stub against a second stub that plays the gateway: a check of the stub itself, its lint included. Run it as a program; it
prints TAP. The "gateway" here has no rules of its own; what a wrong one would do is done on purpose to see it found.
"""
from __future__ import annotations

import asyncio
import socket
import sys
import tempfile
import traceback
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE.parent.parent / "docker")]

from labkit.ca import SERVER, CertificateAuthority  # noqa: E402
from peers.answers import User  # noqa: E402
from peers.calls import Refused, diagnostics  # noqa: E402
from peers.control import act  # noqa: E402
from peers.dialects import Names  # noqa: E402
from peers.frontend import FrontEndStub, tls_contexts  # noqa: E402
from peers.sipmsg import Framer, SipError, address_of, parse, params_of, tag_of  # noqa: E402
from peers.waiting import NotSeen  # noqa: E402

ALICE, BOB = "alice@contoso.example", "bob@partner.example"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Pair:
    """A front end and a stand-in for the gateway: a stub in the simple dialect that serves bob."""

    def __init__(self, dialect: str, ca: "CertificateAuthority | None" = None) -> None:
        ports = free_port(), free_port()
        front_tls = gateway_tls = None
        if ca:
            front = ca.issue("fe", ["pool01.contoso.example", "fe01.contoso.example"], SERVER)
            gateway = ca.issue("xgw", ["xgw.contoso.example"], SERVER)
            front_tls = tls_contexts(str(front[0]), str(front[1]), str(ca.certificate))
            gateway_tls = tls_contexts(str(gateway[0]), str(gateway[1]), str(ca.certificate))
        kind = "tls" if ca else "tcp"
        self.front = FrontEndStub(dialect, ("127.0.0.1", ports[1]), tls=front_tls,
                                  names=Names(address="127.0.0.1", port=ports[0], transport=kind))
        self.gateway = FrontEndStub("simple", ("127.0.0.1", ports[0]), tls=gateway_tls,
                                    gateway_name="pool01.contoso.example", users={BOB: User("Bob")},
                                    names=Names(domain="partner.example", address="127.0.0.1", port=ports[1],
                                                transport=kind))
        self.gateway.dialect.session_mode = dialect == "lync"
        self.gateway.peer_is_proxy = True

    async def __aenter__(self) -> "Pair":
        await self.front.start()
        await self.gateway.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.front.stop()
        await self.gateway.stop()


async def sessions_both_ways(dialect: str, ca=None) -> None:
    async with Pair(dialect, ca) as pair:
        answer = await pair.front.message(ALICE, BOB, "hi Bob", page=False)
        assert answer.status == 200
        assert (await pair.gateway.wait_request("MESSAGE", user=BOB, peer=ALICE)).text == "hi Bob"
        back = pair.gateway.session(BOB, ALICE)
        assert (await pair.gateway.message(BOB, ALICE, "hi Alice", page=False)).status == 200
        assert (await pair.front.wait_request("MESSAGE", text="hi Alice")).call_id == back.call_id
        assert len(pair.front.unexpected("INVITE")) == 0
        assert (await pair.front.bye(pair.front.session(ALICE, BOB))).status == 200
        pair.front.record_routes = 2
        dialog = await pair.gateway.invite(BOB, ALICE)
        assert len(dialog.route) == (2 if dialect == "lync" else 0)
        assert (await pair.gateway.message(BOB, ALICE, "over two front ends", page=False)).status == 200
        pair.front.assert_clean()
        pair.gateway.assert_clean()
        try:
            await pair.gateway.invite(BOB, "nobody@contoso.example")
            raise AssertionError("nobody was reached")
        except Refused as refusal:
            assert refusal.answer.status == 404
            if dialect == "lync":
                assert diagnostics(refusal.answer) == "User does not exist"


async def test_sessions_lync() -> None:
    await sessions_both_ways("lync")


async def test_sessions_simple() -> None:
    await sessions_both_ways("simple")


async def test_sessions_mutual_tls_server_auth_only() -> None:
    with tempfile.TemporaryDirectory() as directory:
        await sessions_both_ways("lync", CertificateAuthority(Path(directory)))


async def test_tls_without_certificate_is_refused() -> None:
    import ssl
    with tempfile.TemporaryDirectory() as directory:
        ca = CertificateAuthority(Path(directory))
        async with Pair("lync", ca) as pair:
            context = ssl.create_default_context(cafile=str(ca.certificate))
            context.check_hostname = False
            reader, writer = await asyncio.open_connection("127.0.0.1", pair.front.names.port, ssl=context)
            try:
                writer.write(b"\r\n\r\n")
                assert await asyncio.wait_for(reader.read(10), 3) == b""
            except (ssl.SSLError, ConnectionError):
                pass
            writer.close()


async def test_page_mode() -> None:
    async with Pair("simple") as pair:
        assert (await pair.front.message(ALICE, BOB, "page")).status == 200
        assert (await pair.gateway.message(BOB, ALICE, "page back")).status == 200
        assert (await pair.gateway.message(BOB, "nobody@contoso.example", "x")).status == 404
        pair.front.message_status = 202
        assert (await pair.gateway.message(BOB, ALICE, "x")).status == 202
        pair.front.assert_clean()
        pair.gateway.assert_clean()


async def test_presence_of_our_users() -> None:
    for dialect in ("lync", "simple"):
        async with Pair(dialect) as pair:
            dialog = await pair.gateway.watch(BOB, ALICE, 600)
            await pair.gateway.wait_seen(BOB, ALICE, lambda s: s["open"] and s["state"] == "active;expires=600")
            await pair.front.set_presence(ALICE, "busy")
            await pair.gateway.wait_seen(BOB, ALICE, lambda s: "busy" in s["activities"])
            await pair.front.set_presence(ALICE, "offline")
            await pair.gateway.wait_seen(BOB, ALICE, lambda s: s["open"] is False)
            await pair.gateway.refresh(dialog, 0)
            await pair.gateway.wait_seen(BOB, ALICE, lambda s: s["state"].startswith("terminated"))
            assert pair.front.watchers(ALICE) == []
            pair.gateway.assert_clean()


async def test_watch_in_lync_shape() -> None:
    async with Pair("lync") as pair:
        await pair.front.watch(ALICE, BOB)
        seen = await pair.gateway.wait_request("SUBSCRIBE", user=BOB)
        assert seen.get("Require") == "adhoclist, categoryList"
        assert seen.get("Expires") == "28800" and b"<batchSub" in seen.body
        assert "epid" in params_of(seen.get("From"))
        assert "tag" in params_of(seen.get("Record-Route"))


async def test_greeting() -> None:
    async with Pair("lync") as pair:
        await pair.front.connect()
        negotiate = await pair.gateway.wait_request("NEGOTIATE")
        assert negotiate.get("Compression") == "LZ77-64K"
        await pair.gateway.wait_request("OPTIONS")
        pair.front.assert_clean()


async def test_failures() -> None:
    async with Pair("lync") as pair:
        gateway, front = pair.gateway, pair.front
        for status in (404, 480, 486, 488, 603, 503):
            front.fail("INVITE", status, Retry_After="30")
            try:
                await gateway.invite(BOB, ALICE)
                raise AssertionError("not refused")
            except Refused as refusal:
                assert refusal.answer.status == status
        await gateway.message(BOB, ALICE, "one")
        front.fail("MESSAGE", 481)
        assert (await gateway.message(BOB, ALICE, "two")).status == 481
        assert (await gateway.message(BOB, ALICE, "three")).status == 481, "the dialog stays dead"
        front.fail("MESSAGE", "silence")
        gateway.dialogs.clear()
        try:
            await gateway.message(BOB, ALICE, "four", timeout=0.5)
            raise AssertionError("answered")
        except NotSeen:
            pass
        front.fail("MESSAGE", "close")
        gateway.dialogs.clear()
        try:
            await gateway.message(BOB, ALICE, "five")
            raise AssertionError("answered")
        except ConnectionError:
            pass
        await front.restart(0.1)
        gateway.dialogs.clear()
        assert (await gateway.message(BOB, ALICE, "six")).status == 200


async def test_violations_are_found() -> None:
    async with Pair("lync") as pair:
        gateway, front = pair.gateway, pair.front
        dialog = await gateway.invite(BOB, ALICE)
        front.violations.clear()
        good = gateway.build_in_dialog(dialog, "INFO")
        await gateway.exchange(good)
        front.assert_clean()
        for route in ([], [dialog.route[0].lower()], [dialog.route[0].replace(";lr", "")]):
            front.violations.clear()
            dialog.route, kept = route, dialog.route
            await gateway.exchange(gateway.build_in_dialog(dialog, "INFO"))
            assert any("Route" in v for v in front.violations), f"Route {route} (R-33)"
            dialog.route = kept
        for method, change, expected in (
                ("MESSAGE", lambda r: r.headers.remove(("Max-Forwards", r.get("Max-Forwards"))), "Max-Forwards"),
                ("MESSAGE", lambda r: setattr(r, "start", r.start.replace(ALICE, "carol@contoso.example")), "differ"),
                ("SUBSCRIBE", lambda r: None, "Contact"),
                ("MESSAGE", lambda r: r.add("From", r.get("From")), "From occurs 2 times")):
            front.violations.clear()
            request, _ = gateway.build(method, BOB, ALICE)
            change(request)
            await gateway.exchange(request)
            assert any(expected in v for v in front.violations), (expected, front.violations)
        front.violations.clear()
        low = gateway.build_in_dialog(dialog, "INFO", 1)
        await gateway.exchange(low)
        assert any("CSeq 1 after" in v for v in front.violations), front.violations


async def test_response_lint() -> None:
    from peers.siplint import lint_response
    from peers.sipmsg import response
    request = parse(b"INVITE sip:b@x SIP/2.0\r\nVia: SIP/2.0/TCP a;branch=z9hG4bK1\r\nVia: SIP/2.0/TCP c\r\nRecord-Route: <sip:p;lr>;tag=1"
                    b"\r\nFrom: <sip:a@x>;tag=1\r\nTo: <sip:b@x>\r\nCall-ID: 1\r\nCSeq: 1 INVITE\r\nContent-Length: 0\r\n\r\n")
    good = response(request, 200, to_tag="t").add("Contact", "<sip:b>").add("Content-Length", "0")
    assert lint_response(good, request) == []
    for index, (name, _) in enumerate(good.headers):
        bad = response(request, 200, to_tag="t").add("Contact", "<sip:b>").add("Content-Length", "0")
        del bad.headers[index]
        assert lint_response(bad, request), f"without {name}"


async def test_control() -> None:
    async with Pair("lync") as pair:
        assert (await act(pair.front, f"say {ALICE} {BOB} two  words")).startswith("ok 200")
        assert (await pair.gateway.wait_request("MESSAGE")).text == "two  words"
        assert (await act(pair.front, f"say {ALICE} nobody@partner.example x")).startswith("failed 404")
        assert (await act(pair.front, f"presence {ALICE} busy")) == "ok 0 watchers notified"
        assert (await act(pair.front, "nonsense")).startswith("failed usage")


async def test_framer() -> None:
    data = (b"\r\n\r\nOPTIONS sip:x SIP/2.0\r\nl: 3\r\n\r\nabc" b"SIP/2.0 200 OK\r\nContent-Length: 0\r\nTo: <sip:a>\r\n ;tag=x\r\n\r\n")
    for cut in range(1, len(data)):
        framer = Framer()
        found = framer.feed(data[:cut]) + framer.feed(data[cut:])
        assert [m.start for m in found] == ["OPTIONS sip:x SIP/2.0", "SIP/2.0 200 OK"], cut
        assert found[0].body == b"abc" and tag_of(found[1].get("To")) == "x"
    try:
        Framer().feed(b"OPTIONS sip:x SIP/2.0\r\n\r\n")
        raise AssertionError("no Content-Length, no complaint")
    except SipError:
        pass
    assert address_of('"A" <sip:Alice@Contoso.example:5061;x=y>;tag=1') == ALICE


async def run() -> int:
    tests = [(name, work) for name, work in globals().items() if name.startswith("test_")]
    failed = 0
    print(f"1..{len(tests)}")
    for number, (name, work) in enumerate(tests, 1):
        try:
            await asyncio.wait_for(work(), 30)
            print(f"ok {number} {name[5:]}", flush=True)
        except Exception:
            failed += 1
            print(f"not ok {number} {name[5:]}", flush=True)
            print("".join("# " + line + "\n" for line in traceback.format_exc().splitlines()), flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(asyncio.run(run()))
