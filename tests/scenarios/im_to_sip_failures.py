# SPDX-License-Identifier: MIT
"""
XMPP to SIP: each failure of the front end reaches exactly the full JID that wrote, with id, condition and type (RFC 7247 table 3,
rows D-01, D-03, D-06, D-11, D-16; S-02: every message that waited for the session).
"""
import asyncio

from _chat import fails_with, messages, nothing_more

LABS = [("prosody", "lync"), ("prosody", "simple")]

# status, headers, condition, type, in the text, new address
ROWS = [
    (404, {}, "item-not-found", "cancel", "404", None),
    (480, {}, "recipient-unavailable", "wait", "480", None),
    (486, {"Retry_After": "120"}, "recipient-unavailable", "wait", "120 s", None),
    (488, {}, "not-acceptable", "modify", "488", None),
    (415, {"Accept": "text/plain"}, "not-acceptable", "modify", "415", None),
    (403, {}, "forbidden", "auth", "403", None),
    (500, {}, "internal-server-error", "cancel", "500", None),
    (500, {"Retry_After": "7"}, "internal-server-error", "wait", "7 s", None),
    (503, {"Retry_After": "30"}, "internal-server-error", "wait", "30 s", None),
    (504, {}, "remote-server-timeout", "wait", "504", None),
    (599, {}, "internal-server-error", "cancel", "599", None),
    (603, {}, "recipient-unavailable", "wait", "603", None),
    (604, {}, "item-not-found", "cancel", "604", None),
    (301, {"Contact": "<sip:alice@new.example>"}, "gone", "cancel", "301", "xmpp:alice@new.example"),
    (302, {"Contact": "<sip:alice@other.example;transport=tls>;q=0.7"}, "redirect", "modify", "302",
     "xmpp:alice@other.example"),
    (410, {}, "gone", "cancel", "410", ""),
]


async def scenario(lab):
    stub = await lab.front_end()
    desk = await lab.user(lab.bob, resource="desk")
    phone = await lab.user(lab.bob, resource="phone")
    first = "INVITE" if lab.dialect == "lync" else "MESSAGE"
    for status, headers, condition, kind, words, address in ROWS:
        stub.fail(first, status, **headers)
        ident = desk.send(lab.alice, f"this gets {status}")
        error = await fails_with(desk, ident, lab.alice, condition, kind, words, address)
        assert not error.body, "the text is not sent back (D-13)"
        await stub.wait_request(first, user=lab.alice)
        assert not stub.unexpected(first), "not tried again"

    nobody = f"nobody@{lab.domain}"
    ident = desk.send(nobody + "/any", "Is anybody there?")
    await fails_with(desk, ident, nobody + "/any", "item-not-found", "cancel",
                     "User does not exist" if lab.dialect == "lync" else "404")
    await stub.wait_request(first, user=nobody)

    if lab.dialect == "lync":
        # The session that was refused took all that waited for it along, each with its own error, in order.
        stub.fail("INVITE", "hold", user=lab.alice)
        idents = [desk.send(lab.alice, f"waits {n}") for n in range(3)]
        behind = desk.send(nobody, "streams are in order")
        await fails_with(desk, behind, nobody, "item-not-found", "cancel")
        await stub.wait_request("INVITE", user=nobody)
        stub.release(486)
        for ident in idents:
            await fails_with(desk, ident, lab.alice, "recipient-unavailable", "wait", "486")
        await stub.wait_request("INVITE", user=lab.alice)
        assert not stub.unexpected("MESSAGE"), "nothing is sent without a session"

        # Inside a session: 488 is this message's own, 480 ends the session (lync.md 4.4).
        desk.send(lab.alice, "opens")
        invite = await stub.wait_request("INVITE", user=lab.alice)
        await stub.wait_request("MESSAGE", user=lab.alice, text="opens")
        stub.fail("MESSAGE", 488)
        ident = desk.send(lab.alice, "not this")
        await fails_with(desk, ident, lab.alice, "not-acceptable", "modify", "488")
        desk.send(lab.alice, "but this")
        message = await stub.wait_request("MESSAGE", user=lab.alice, text="but this")
        assert message.call_id == invite.call_id and not stub.unexpected("INVITE") and not stub.unexpected("BYE")
        stub.fail("MESSAGE", 480)
        ident = desk.send(lab.alice, "she is gone")
        await fails_with(desk, ident, lab.alice, "recipient-unavailable", "wait", "480")
        assert (await stub.wait_request("BYE", user=lab.alice)).call_id == invite.call_id
        desk.send(lab.alice, "and back")
        again = await stub.wait_request("INVITE", user=lab.alice)
        message = await stub.wait_request("MESSAGE", user=lab.alice, text="and back")
        assert message.call_id == again.call_id != invite.call_id

        # 503 says that nothing was taken: once more in a new session (promise 4), and an error after the second.
        stub.fail("MESSAGE", 503, times=2)
        ident = desk.send(lab.alice, "overloaded")
        await fails_with(desk, ident, lab.alice, "internal-server-error", "wait", "503")
        await stub.wait_request("INVITE", user=lab.alice)
        assert [m.text for m in stub.unexpected("MESSAGE")] == ["not this", "she is gone", "overloaded", "overloaded"]
        assert not stub.unexpected("INVITE")

        # The connection breaks: before there was a session nothing can have arrived, inside it the message may have.
        assert (await stub.bye(stub.dialogs[-1])).status in (200, 481)
        stub.fail("INVITE", "abort")
        ident = desk.send(lab.alice, "cut off")
        await fails_with(desk, ident, lab.alice, "internal-server-error", "wait", "nothing was delivered")
        await stub.wait_request("INVITE", user=lab.alice)
        desk.send(lab.alice, "reopens")
        await stub.wait_request("INVITE", user=lab.alice)
        await stub.wait_request("MESSAGE", text="reopens")
        stub.fail("MESSAGE", "abort")
        ident = desk.send(lab.alice, "who knows")
        await fails_with(desk, ident, lab.alice, "internal-server-error", "wait", "may have been delivered")
    else:
        assert not stub.unexpected("INVITE")
        stub.fail("MESSAGE", "abort")
        ident = desk.send(lab.alice, "who knows")
        await fails_with(desk, ident, lab.alice, "internal-server-error", "wait", "may have been delivered")
        await stub.wait_request("MESSAGE", text="who knows")
        desk.send(lab.alice, "another connection")
        await stub.wait_request("MESSAGE", text="another connection")

    # Nobody listens: nothing was delivered, and later it works again.
    await stub.stop(abort=True)
    stub.dialogs.clear()
    await asyncio.sleep(0.2)
    for _ in range(2):
        ident = desk.send(lab.alice, "nobody there")
        await fails_with(desk, ident, lab.alice, "internal-server-error", "wait", "nothing was delivered")
    await stub.start()
    desk.send(lab.alice, "there again")
    await stub.wait_request("MESSAGE", user=lab.alice, text="there again")
    await nothing_more(desk, phone)
    assert not messages(phone), "errors go to who wrote"
