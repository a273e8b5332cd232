# SPDX-License-Identifier: MIT
"""
XMPP to SIP: what passes a limit of ours but not of the servers is refused to its sender (D-11, D-13, M-41), and costs nobody else anything:
the stream of the domain stays up, what is sent at the same time arrives (promise 7).
"""
import asyncio
from xml.etree import ElementTree

from slixmpp.exceptions import IqError

from _chat import fails_with, messages, nothing_more, raw
from peers.xmppuser import read

LABS = [("prosody", "lync"), ("prosody", "simple")]
KIB = 1024


async def scenario(lab):
    stub = await lab.front_end()
    bob = await lab.user(lab.bob)
    dave = await lab.user(f"dave@{lab.setting.partner}")
    bob.send(lab.alice, "before")
    await stub.wait_request("MESSAGE", user=lab.alice, peer=lab.bob, text="before")
    since = lab.stoxd.log_size()

    # (id, content, the words that name the limit). Not one long tag: Prosody's own reader (Expat with deferred parsing) keeps that, and all that
    # comes behind it on the same connection, until as many bytes again have come.
    rows = [
        ("text", "<body>" + "x" * 300 * KIB + "</body>", "larger than 262144 bytes"),
        ("largest", "<body>" + "x" * 500 * KIB + "</body>", "larger than 262144 bytes"),
        ("deep", "<x xmlns='urn:x'>" + "<y>" * 100 + "</y>" * 100 + "</x>", "too deeply nested"),
        ("many", "<x xmlns='urn:x'>" + "<y/>" * 5000 + "</x>", "too many elements"),
        ("wide", "<x xmlns='urn:x' " + " ".join(f"a{n}=''" for n in range(100)) + "/>", "too many attributes"),
    ]
    for ident, content, words in rows:
        raw(bob, lab.alice, content, ident=ident)
        bob.send(lab.alice, "behind " + ident)
        dave.send(lab.alice, "meanwhile " + ident)
        error = await fails_with(bob, ident, lab.alice, "policy-violation", "modify", words)
        assert len(error.xml) == 1, f"nothing of it is sent back: {[child.tag for child in error.xml]}"
        await stub.wait_request("MESSAGE", user=lab.alice, peer=lab.bob, text="behind " + ident)
        await stub.wait_request("MESSAGE", user=lab.alice, peer=f"dave@{lab.setting.partner}", text="meanwhile " + ident)
        line = await asyncio.to_thread(lab.stoxd.wait_log, f"id={ident}: refused: ", 5, since)
        assert words in line and "xxx" not in line and "yyy" not in line, line

    # Presence and IQ likewise; an error is answered by nothing (D-10).
    bob.raw(f"<presence to='{lab.alice}' type='subscribe' id='p1'><status>{'x' * 300 * KIB}</status></presence>")
    refused = await bob.wait_error("presence", "policy-violation", lab.alice, "p1")
    assert refused.error_type == "modify" and "262144" in refused.error_text, refused.error_text
    bob.raw(f"<message to='{lab.alice}' type='error' id='e1'><body>{'x' * 300 * KIB}</body></message>")
    request = bob.client.make_iq_set(sub=ElementTree.Element("{urn:x}q"), ito=lab.domain)
    request.xml[0].text = "x" * 300 * KIB
    try:
        await request.send(timeout=10)
        raise AssertionError("the IQ was not refused")
    except IqError as refusal:
        seen = read(refusal.iq.xml)   # slixmpp itself does not know this condition
        assert (seen.condition, seen.error_type) == ("policy-violation", "modify"), refusal.iq

    await nothing_more(bob, dave)
    assert not messages(bob) and not messages(dave) and not stub.unexpected("MESSAGE")
    log = lab.stoxd.log.read_bytes()[since:].decode()
    assert "stream of" not in log and "no XMPP stream" not in log, "the stream never went down"
