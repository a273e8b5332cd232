# SPDX-License-Identifier: MIT
"""What a client offers besides IM (lync.md 7.4): audio, video, sharing, conferences are refused, an IM part beside them is taken (RFC 3264 s6)."""
from _chat import messages, nothing_more, refused
from peers import documents
from peers.calls import Refused

LABS = [("prosody", "lync"), ("prosody", "simple")]
HEAD = b"v=0\r\no=- 0 0 IN IP4 127.0.0.11\r\ns=session\r\nc=IN IP4 127.0.0.11\r\nt=0 0\r\n"
IM = b"m=message 5060 sip null\r\na=accept-types:text/plain\r\n"
VIDEO = b"m=video 50020 RTP/AVP 34\r\na=rtpmap:34 H263/90000\r\n"


async def scenario(lab):
    stub = await lab.front_end()
    bob = await lab.user(lab.bob)
    audio = documents.sdp_audio("127.0.0.11")

    async def refusal(body, content_type="application/sdp"):
        try:
            await stub.invite(lab.alice, lab.bob, body=body, content_type=content_type)
        except Refused as refused_with:
            return refused_with.answer
        raise AssertionError("it was accepted")

    two = (b"--b\r\nContent-Type: application/sdp\r\n\r\n" + audio + b"\r\n--b\r\nContent-Type: application/sdp\r\n"
           b"Content-Disposition: session; handling=optional; ms-proxy-2007fallback\r\n\r\n" + audio + b"\r\n--b--\r\n")
    for body, content_type, status, number in [
            (audio, "application/sdp", 488, 61006),   # lync.md 4.9-488
            (HEAD + VIDEO, "application/sdp", 488, 61006),
            (HEAD + b"m=applicationsharing 50030 TCP/RTP/AVP 127\r\n", "application/sdp", 488, 61006),
            (HEAD + b"m=message 2855 TCP/MSRP *\r\na=accept-types:*\r\n", "application/sdp", 488, 61006),   # S-20: not MSRP
            (HEAD + b"m=message 0 sip null\r\n", "application/sdp", 488, 61006),
            (b"nonsense", "application/sdp", 488, 61006),
            (b"", "application/sdp", 488, 61006),
            (two, 'multipart/alternative; boundary="b"', 488, 61006),
            (b"<Conferencing version=\"2.0\"/>", "application/ms-conf-invite+xml", 488, 61006),
            (b"<x/>", "application/xml", 415, 61007)]:
        answer = await refusal(body, content_type)
        refused(answer, status, number)
        assert (status != 415) or "application/sdp" in answer.get("Accept")

    # Require: what we do not know is named, what we know is not in the way (R-23, DESIGN section 4).
    request, _ = stub.build("INVITE", lab.alice, lab.bob)
    request.add("Contact", stub.dialect.contact(lab.alice)).add("Require", "timer, ms-unknown, 100rel")
    request.add("Session-Expires", "1800").add("Content-Type", "application/sdp")
    request.body = HEAD + IM
    answer = await stub.exchange(request)
    stub._ack_failure(await stub.connection(), request, answer)
    refused(answer, 420, 61010)
    assert answer.get("Unsupported").replace(" ", "") == "ms-unknown,100rel", answer.get("Unsupported")
    await nothing_more(bob, seconds=0.3)
    assert not messages(bob), "a refused call is nothing to see"

    # IM beside video: that part is taken, in its place, the other has port 0.
    dialog = await stub.invite(lab.alice, lab.bob, body=HEAD + VIDEO + IM)
    lines = [line.split() for line in dialog.answer.text.splitlines() if line.startswith("m=")]
    assert [line[0] for line in lines] == ["m=video", "m=message"], lines
    assert lines[0][1] == "0" and lines[0][2:] == ["RTP/AVP", "34"] and int(lines[1][1]) > 0 and lines[1][2] == "sip"
    assert (await stub.message(lab.alice, lab.bob, "by text then", page=False)).status == 200
    await bob.wait_message(lab.alice, "by text then")

    # A re-INVITE that adds audio is refused, and the chat goes on; REFER would move it into a conference.
    reinvite = stub.build_in_dialog(dialog, "INVITE").add("Contact", dialog.contact).add("Content-Type", "application/sdp")
    reinvite.body = audio
    answer = await stub.exchange(reinvite)
    stub._ack_failure(await stub.connection(), reinvite, answer)
    refused(answer, 488, 61006)
    refer = stub.build_in_dialog(dialog, "REFER").add("Contact", dialog.contact).add("Refer-To", f"<sip:conf@{lab.domain}>")
    assert (await stub.exchange(refer)).status in (405, 603)
    answer = await stub.in_dialog(dialog, "MESSAGE", b"still here", "text/plain")
    assert answer.status == 200
    await bob.wait_message(lab.alice, "still here")
    assert (await stub.bye(dialog)).status == 200
    await nothing_more(bob, seconds=0.3)
    assert not messages(bob) and not stub.received
