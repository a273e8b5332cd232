# SPDX-License-Identifier: MIT
"""
Subscriptions of SIP users that come to nothing: nobody of that name at the partner (P-66), a domain that is no partner or not ours (DESIGN promise 6),
no format that we write (P-51, DESIGN section 6), another event package, an extension that we do not know. Nobody on the XMPP side hears of them.
"""
from _chat import refused
from _presence import PIDF, add_user, answer_of, document, no_notify, notified, offline
from peers import documents

LABS = [("prosody", "lync"), ("ejabberd", "lync"), ("prosody", "simple")]
OPTIONS = {"partner nowhere.example": {}}   # a partner whose server does not exist


async def scenario(lab):
    stub = await lab.front_end()
    lync = lab.dialect == "lync"
    bob = await lab.user(lab.bob)

    async def ask(to="", user="", **replaced):
        """The answer to a SUBSCRIBE with these headers in place of the dialect's; an empty value leaves one out."""
        user = user or lab.alice
        request, _ = stub.build("SUBSCRIBE", user, to or lab.bob)
        request.add("Contact", stub.dialect.contact(user))
        stub.dialect.dress_request(request, user, to or lab.bob)
        stub.dialect.watch(request, user, to or lab.bob, 600)
        for name, value in replaced.items():
            request.headers = [(n, v) for n, v in request.headers if n != name]
            if value:
                request.add(name, value)
        return await stub.exchange(request)

    # Who may talk to whom.
    eve_watch = await answer_of(stub.watch(lab.alice, lab.eve))
    refused(eve_watch, 403, 61001)
    refused(await ask(f"carol@{lab.domain}"), 403, 61015)
    stub.users["mallory@other.example"] = stub.users[lab.alice]
    refused(await ask(user="mallory@other.example"), 403, 61002)

    # What we can tell her.
    for accept in ("application/xpidf+xml", "text/xml+msrtc.pidf, application/rlmi+xml, multipart/related", "text/plain"):
        answer = await ask(Accept=accept)
        refused(answer, 406, 61017)
        assert answer.get("Accept").split(", ") == [documents.CATEGORIES, PIDF], answer.get("Accept")
    for event in ("vnd-microsoft-roaming-contacts", "presence.winfo", "Presence", "message-summary", ""):
        answer = await ask(Event=event)
        refused(answer, 489, 61011)
        assert answer.get("Allow-Events") == "presence"
    answer = await ask(Require="adhoclist, ms-unknown, categoryList, x-other, eventlist")
    refused(answer, 420, 61010)
    assert answer.get("Unsupported") == "ms-unknown, x-other"
    answer = await ask(Contact="")
    assert answer.status == 400

    # A dialog that we do not know.
    answer = await ask(To=f"<sip:{lab.bob}>;tag=of-nobody")
    refused(answer, 481, 61012)
    assert await bob.quiet(lambda s: s.kind == "presence", 0.7), "Bob hears of none of this"
    assert not stub.unexpected("NOTIFY"), "nothing follows a refusal"

    # Nobody of that name: Prosody answers a `subscribe` to him with `unavailable` and no error, as if he had not decided (P-66), and so it stays.
    nobody = f"nobody@{lab.setting.partner}"
    state = "active;expires=N" if lync else "pending;expires=N"
    watch = await stub.watch(lab.alice, nobody)
    for refresh in (False, True):
        if refresh:
            await stub.refresh(watch, 600)
        request = await notified(stub, watch, state)
        assert document(request) == offline(lab) if lync else not request.body
        assert await bob.quiet(lambda s: s.kind == "presence", 1.2)
        no_notify(stub, watch)

    # A partner that cannot be reached: it may come back (P-64: remote-server-not-found, remote-server-timeout).
    watch = await stub.watch(lab.alice, "bob@nowhere.example")
    request = await notified(stub, watch, state)
    assert document(request) == offline(lab) if lync else not request.body
    if lync:
        assert await bob.quiet(lambda s: s.kind == "presence", 1.5)
    else:
        last = await notified(stub, watch, "terminated;reason=probation;retry-after=900")
        assert not last.body
    no_notify(stub, watch)

    # A media type range, and no Accept at all (RFC 3856 s6.5: PIDF), will do.
    for number, accept in enumerate(("", "application/*", "text/plain;q=0.5, */*;q=0.1", "application/pidf+xml;q=0.2, application/xpidf+xml")):
        user = add_user(stub, lab, f"user{number}")
        assert (await ask(user=user, Accept=accept)).status == 200, accept
        await bob.wait_presence(user, "subscribe")
