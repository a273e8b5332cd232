# SPDX-License-Identifier: MIT
"""
SIP to XMPP: every failure reaches the SIP sender as the final response, with ms-diagnostics-public (DESIGN sections 4 and 6, promise 2):
policy, addresses, what the XMPP side says in time, what it says too late, and what it does not say.
"""
import asyncio

from _chat import messages, nothing_more, page, refused
from peers.calls import Refused

LABS = [("prosody", "lync"), ("prosody", "simple"), ("ejabberd", "lync")]
OPTIONS = {
    "gateway": {"confirm-timeout": "1"},
    # A second SIP domain, behind a hop that nobody here is.
    "domain fabrikam.example": {"secret": "not-known-to-the-edge", "hop": "pool02"},
    "hop pool02": {"next-hop": "tcp:127.0.0.99:5060", "dialect": "simple"},
}


async def scenario(lab):
    stub = await lab.front_end()
    bob = await lab.user(lab.bob)
    lync = lab.dialect == "lync"

    async def write(peer, text="hello", user=lab.alice):
        """The final answer to what a user of this dialect does: the session's refusal, or the MESSAGE's."""
        try:
            return await stub.message(user, peer, text)
        except Refused as refusal:
            return refusal.answer

    # Policy and addresses: refused at once, in both modes.
    for user, peer, status, number in [
            (lab.alice, lab.eve, 403, 61001),                           # no partner
            ("mallory@nowhere.example", lab.bob, 403, 61002),           # no domain of ours
            ("mallory@partner.example", lab.bob, 403, 61002),           # P-187: the XMPP side's own
            ("erin@fabrikam.example", lab.bob, 403, 61003),             # another hop's domain
            (lab.alice, f"carol@{lab.domain}", 403, 61015)]:            # a loop
        refused(await write(peer, user=user), status, number)
        refused(await page(stub, user, peer, b"hello"), status, number)
    secure = await page(stub, lab.alice, lab.bob, b"hello", uri=f"sips:{lab.bob}")
    refused(secure, 480, 61005)
    assert secure.get("Warning").startswith(f"380 xgw.{lab.domain} "), secure.get("Warning")   # A-40, RFC 5630 s5.1.2
    for user_part, as_target, as_sender in (("ab%20", 404, 400), ("a%C3", 400, 400), ("%F0%9F%98%80", 404, 400)):   # T-S19, T-S37, T-S41
        answer = await page(stub, lab.alice, lab.bob, b"hello", uri=f"sip:{user_part}@{lab.setting.partner}")
        refused(answer, as_target, 61004)
        refused(await page(stub, lab.alice, lab.bob, b"hello", sender=f"<sip:{user_part}@{lab.domain}>"), as_sender, 61004)

    # The XMPP side refuses: the partner's server knows no such account, and is nobody to chat with (Q-09b).
    refused(await write(f"nobody@{lab.setting.partner}"), 403, 61008)
    refused(await page(stub, lab.alice, lab.bob, b"hello", uri=f"sip:{lab.setting.partner}"), 403, 61008)

    # The partner's server does not answer in time.
    lab.partner.process.halt()
    try:
        # Our own server has it, the partner is silent: handed over.
        answer = await write(lab.bob, "handed over")
        assert answer.status == (200 if lync else 202) and not answer.has("ms-diagnostics-public"), answer.start
    finally:
        lab.partner.process.resume()
    assert (await bob.wait_message(lab.alice)).body == "handed over"

    # Our own server is silent: nobody knows.
    lab.edge.process.halt()
    try:
        refused(await write(lab.bob, "who knows"), 504, 62002)
    finally:
        lab.edge.process.resume()
    assert (await bob.wait_message(lab.alice)).body == "who knows"

    # An error that comes after the 2xx is one line in the window that is open, and nothing in page mode.
    answer = await write(lab.bob, "too late")
    assert answer.status == 200
    seen = await bob.wait_message(lab.alice, "too late")
    for _ in range(2):   # only the first one counts
        bob.raw(f"<message type='error' to='{seen.sender}' id='{seen.id}'><error type='cancel'><not-acceptable "
                "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>")
    if lync:
        notice = await stub.wait_request("MESSAGE", user=lab.alice, peer=lab.bob)
        assert notice.call_id == stub.session(lab.alice, lab.bob).call_id
        assert notice.text == "A message could not be delivered: The other side does not accept it.", notice.text
    await asyncio.sleep(0.5)
    assert not stub.unexpected("MESSAGE") and not stub.unexpected("INVITE")

    await nothing_more(bob, seconds=0.3)
    assert not messages(bob), "nothing was delivered that was refused, nothing twice"

    # Nobody listens there any more: remote-server-not-found in Prosody's words, remote-server-timeout in ejabberd's.
    await bob.logout()
    lab.users.remove(bob)
    await asyncio.to_thread(lab.partner.stop)
    answer = await write(lab.bob, "nobody there")
    refused(answer, 404 if lab.edge_kind == "prosody" else 504, 61008)
    assert "refused" in answer.start, f"the server's own words (D-04): {answer.start}"
