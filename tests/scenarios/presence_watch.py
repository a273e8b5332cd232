# SPDX-License-Identifier: MIT
"""
An XMPP user follows a SIP user (lync.md 7.3, RFC 8048 s5.2.1): the SUBSCRIBE of example 2 in the dialect's dress; neither the 200 nor a pending
NOTIFY says anything (P-11, P-12); `subscribed` at the first active one and before presence (P-13); documents in both namespaces of RPID become
<show/> and <status/> (P-131 to P-150f); what did not change is not said again (P-17).
"""
from _presence import NS, PIDF, dialog_of, nothing_shown, resource_of, shown
from peers import documents
from peers.sipmsg import tag_of

LABS = [("prosody", "lync"), ("ejabberd", "lync"), ("prosody", "simple"), ("ejabberd", "simple")]
LANG = "{http://www.w3.org/XML/1998/namespace}lang"

# The stub's word, <show/>, <status/>: lync.md 3.3 and 4.8 (d).
MICROSOFT = [("busy", "dnd", "Busy"), ("on-the-phone", "dnd", "On the phone"), ("do-not-disturb", "dnd", "Do not disturb"),
             ("idle", "away", "Inactive"), ("away", "away", "Away"), ("be-right-back", "away", "Be right back"),
             ("out-to-lunch", "away", "Out to lunch"), ("available", "", "")]
# RFC 4480's elements: P-150a to P-150f.
STANDARD = [("busy", "dnd", "Busy"), ("on-the-phone", "dnd", "On the phone"), ("away", "away", "Away"), ("out-to-lunch", "away", "Meal"),
            ("available", "", "")]
HEAD = '<?xml version="1.0" encoding="UTF-8"?><presence xmlns="urn:ietf:params:xml:ns:pidf" entity="%s">'


def check_first(request, lab):
    assert request.start == f"SUBSCRIBE sip:{lab.alice} SIP/2.0", request.start
    assert request.get("To") == f"<sip:{lab.alice}>" and request.get("From").startswith(f"<sip:{lab.bob}>;tag=")
    # lync.md 4.8a-accept-pidf
    for name, value in (("Event", "presence"), ("Accept", PIDF), ("CSeq", "1 SUBSCRIBE"), ("Max-Forwards", "70"),
                        ("Content-Length", "0"), ("Expires", "28800" if lab.dialect == "lync" else "3600")):
        assert request.all(name) == [value], f"{name}: {request.all(name)}"
    gruu = "" if lab.dialect == "lync" else ";gr"   # DESIGN section 6
    assert request.get("Contact") == f"<sip:bob@xgw.{lab.domain}:5061;transport={lab.options.transport}{gruu}>"
    for name in ("Route", "Require", "Proxy-Require", "Supported", "Content-Type"):
        assert not request.has(name), f"{name}: {request.get(name)}"


async def scenario(lab):
    stub = await lab.front_end()
    bob = await lab.user(lab.bob)
    lync, resource, priority = lab.dialect == "lync", resource_of(lab), "" if lab.dialect == "lync" else "102"
    uri = f"sip:{lab.alice}"

    # The SUBSCRIBE; the 200 and `pending` say nothing to Bob.
    stub.first_notify = None
    bob.subscribe(lab.alice)
    request = await stub.wait_request("SUBSCRIBE", user=lab.alice, peer=lab.bob)
    check_first(request, lab)
    dialog = dialog_of(stub, request)
    await nothing_shown(bob, lab.alice)
    assert (await stub.notify(dialog, f"pending;expires={dialog.expires}")).status == 200
    await nothing_shown(bob, lab.alice)
    assert (await bob.roster()).get(lab.alice) == "none", "nobody has said yes"

    # The first active one: yes, and then the presence.
    assert (await stub.notify(dialog)).status == 200
    await shown(bob, lab.alice, "subscribed")
    await shown(bob, lab.alice, "", resource, priority=priority)
    assert (await bob.roster())[lab.alice] == "to"

    # Both namespaces, each state once, each said twice by the front end.
    for rows, write in ((MICROSOFT, lambda word: documents.pidf_microsoft(uri, word, "Alice")),
                        (STANDARD, lambda word: documents.pidf_standard(uri, word))):
        tuple_id = resource if lync else ("0" if rows is MICROSOFT else "t1")
        if not lync:   # another tuple than before: the one is withdrawn, the other shown (P-141)
            assert (await stub.notify(dialog, body=write("available"))).status == 200
            if rows is MICROSOFT:
                await shown(bob, lab.alice, "unavailable", "t1")
                await shown(bob, lab.alice, "", "0")
            else:
                await shown(bob, lab.alice, "unavailable", "0")
                await shown(bob, lab.alice, "", "t1", priority="102")
        for word, show, status in rows:
            for _ in range(2):
                assert (await stub.notify(dialog, body=write(word))).status == 200
            await shown(bob, lab.alice, "", tuple_id, show, status,
                        priority="102" if rows is STANDARD else "")
    await nothing_shown(bob, lab.alice)

    # A note of hers goes before our words for the activity (P-136); closed: neither show nor priority (P-144).
    busy = documents.pidf_standard(uri, "busy", "Back at <noon> & after")
    closed = documents.pidf_standard(uri, "offline", "Gone home")
    assert (await stub.notify(dialog, body=busy)).status == 200
    await shown(bob, lab.alice, "", resource, "dnd", "Back at <noon> & after", "102")
    # In several languages: a <status/> for each, the first in the stanza's (P-136, P-139).
    two = busy.replace(b"<note>", b"<note xml:lang='de'>Im Garten</note><note xml:lang='en'>")
    assert (await stub.notify(dialog, body=two)).status == 200
    seen = await shown(bob, lab.alice, "", resource, "dnd", "Im Garten", "102")
    assert seen.xml.get(LANG) == "de", seen.xml
    assert [(at.text, at.get(LANG, "de")) for at in seen.xml.iterfind("c:status", NS)] == \
        [("Im Garten", "de"), ("Back at <noon> & after", "en")], seen.xml
    for _ in range(2):
        assert (await stub.notify(dialog, body=closed)).status == 200
    await shown(bob, lab.alice, "unavailable", resource, status="Gone home")
    assert (await stub.notify(dialog, body=busy)).status == 200
    await shown(bob, lab.alice, "", resource, "dnd", "Back at <noon> & after", "102")

    # <show/> as RFC 8048 prints it (P-138), and several devices: each a resource, only what changed is said (P-140); a front end is one.
    def devices(*entries):
        return (HEAD % uri + "".join(
            f"<tuple id='{name}'><status><basic>open</basic><show xmlns='jabber:client'>{show}</show></status><contact priority='{q}'/>"
            "</tuple>" for name, show, q in entries) + "</presence>").encode()
    assert (await stub.notify(dialog, body=devices(("ID-desk", "xa", "0.5"), ("ID-phone", "away", "1")))).status == 200
    if lync:
        await shown(bob, lab.alice, "", resource, "away", priority="127")
        assert (await stub.notify(dialog, body=devices(("ID-desk", "dnd", "0.5"), ("ID-phone", "away", "1")))).status == 200
    else:
        await shown(bob, lab.alice, "unavailable", "t1")
        await shown(bob, lab.alice, "", "desk", "xa", priority="64")
        await shown(bob, lab.alice, "", "phone", "away", priority="127")
        assert (await stub.notify(dialog, body=devices(("ID-desk", "dnd", "0.5"), ("ID-phone", "away", "1")))).status == 200
        await shown(bob, lab.alice, "", "desk", "dnd", priority="64")
        assert (await stub.notify(dialog, body=devices(("ID-phone", "away", "1")))).status == 200
        await shown(bob, lab.alice, "unavailable", "desk")
    await nothing_shown(bob, lab.alice)

    # Nothing changes with: no body (P-18), somebody else's document (P-147), a type that was not asked for, broken XML (P-148).
    assert (await stub.notify(dialog, body=b"")).status == 200
    assert (await stub.notify(dialog, body=documents.pidf_standard(f"sip:carol@{lab.domain}", "offline"))).status == 200
    answer = await stub.notify(dialog, body=b"offline", content_type="text/plain")
    assert answer.status == 415 and PIDF in answer.get("Accept").split(", "), (answer.start, answer.get("Accept"))
    assert (await stub.notify(dialog, body=HEAD.encode())).status == 400

    # Nor with a NOTIFY that is late (P-19), of a fork (P-16), or of nobody (P-27).
    late = stub.build_in_dialog(dialog, "NOTIFY", 1).add("Event", "presence").add("Subscription-State", "active;expires=99")
    assert (await stub.exchange(late)).status == 500
    for name, other in (("From", f"<{uri}>;tag=another"), ("Call-ID", "of-nobody")):
        stray = stub.build_in_dialog(dialog, "NOTIFY").add("Event", "presence").add("Subscription-State", "terminated;reason=rejected")
        stray.headers = [(n, other if n == name else v) for n, v in stray.headers]
        assert (await stub.exchange(stray)).status == 481, name
    await nothing_shown(bob, lab.alice)

    # Asking again asks no second time over there, and is answered with what is known (P-29).
    bob.subscribe(lab.alice)
    await shown(bob, lab.alice, "", resource if lync else "phone", "away", priority="127")
    await nothing_shown(bob, lab.alice)
    assert not stub.unexpected("SUBSCRIBE") and not stub.unexpected("NOTIFY") and tag_of(request.get("From"))
