# SPDX-License-Identifier: MIT
"""Addresses that look different on the two sides (RFC 7247 s6, XEP-0106; vectors T-X, T-S) go there and back, errors included."""
from _chat import fails_with, messages, nothing_more, page, refused
from peers.answers import User
from peers.sipmsg import uri_of

LABS = [("prosody", "simple"), ("ejabberd", "lync")]

# JID's local part, SIP URI's user part, vector
ROWS = [
    (r"o\27malley", "o'malley", "T-X05"),
    (r"m\26m", "m&m", "T-X02"),
    (r"j\40s0n", "j%40s0n", "T-X07"),
    (r"a\20b", "a%20b", "T-X08"),
    (r"\3cx\3e", "%3Cx%3E", "T-X11"),
    (r"c\3a\net", "c%3A%5Cnet", "T-X13"),
    (r"a\5c27b", "a%5C27b", "T-X16"),
    ("#hash", "%23hash", "T-X20"),
    ("a;b=c", "a;b=c", "T-X23"),
    ("a!b~c*d(e)f-g_h.i,j$k+l", "a!b~c*d(e)f-g_h.i,j$k+l", "T-X25"),
    ("f\u00fc", "f%C3%BC", "T-S02"),
]


async def scenario(lab):
    stub = await lab.front_end()
    bob = await lab.user(lab.bob)
    lync = lab.dialect == "lync"

    for local, user_part, vector in ROWS:
        jid, user = f"{local}@{lab.domain}", f"{user_part}@{lab.domain}"
        # To a person that the front end does not know: the error comes from the very address that was written to.
        ident = bob.send(jid, "is anybody there?")
        await fails_with(bob, ident, jid, "item-not-found", "cancel", "404")
        first = await stub.wait_request("INVITE" if lync else "MESSAGE")
        assert first.uri == f"sip:{user}", (vector, first.uri)
        assert uri_of(first.get("To")) == f"sip:{user}", (vector, first.get("To"))

        # From that person, and the answer to whom the stanza says it is from.
        stub.users[user.lower()] = User()
        answer = await page(stub, user, lab.bob, vector.encode())
        assert answer.status == 200, (vector, answer.start)
        seen = await bob.wait_message(body=vector)
        assert seen.sender == jid, (vector, seen.sender)
        del stub.users[user.lower()]
        ident = bob.send(seen.sender, "back")
        await fails_with(bob, ident, jid, "item-not-found", "cancel", "404")
        assert (await stub.wait_request("INVITE" if lync else "MESSAGE")).uri == f"sip:{user}", vector

    # Case and parameters do not make another person.
    answer = await page(stub, f"ALICE@{lab.domain.upper()}", lab.bob, b"upper case")
    assert answer.status == 200
    assert (await bob.wait_message(body="upper case")).sender == lab.alice

    # No XMPP user has such a name: 404 for whom it is for, 400 for whom it is from.
    for user_part, vector in (("ab%20", "T-S19"), ("%F0%9F%98%80", "T-S41")):
        refused(await page(stub, lab.alice, lab.bob, b"x", uri=f"sip:{user_part}@{lab.setting.partner}"), 404, 61004)
        refused(await page(stub, lab.alice, lab.bob, b"x", sender=f"<sip:{user_part}@{lab.domain}>"), 400, 61004)
    await nothing_more(bob, seconds=0.3)
    assert not messages(bob) and not stub.unexpected("MESSAGE") and not stub.unexpected("INVITE")
