# SPDX-License-Identifier: MIT
"""
Two next hops (R-32): the first is down at the start, heals and gets the traffic back; then it goes down in the middle of it. Messages and presence
go on by the second one, and nobody loses or doubles a message.
"""
from _presence import shown_available
from _two import arrives, logged, texts, two

LABS = [("prosody", "lync"), ("prosody", "simple")]
OPTIONS = {"hop pool01": {"next-hop": "TRANSPORT:fe01.contoso.example:5061 TRANSPORT:fe02.contoso.example:5061"}}


async def scenario(lab):
    one, other = await two(lab, first=False)
    bob = await lab.user(lab.bob)
    user = [f"user{n}@{lab.domain}" for n in range(8)]

    # Down at the start: the message goes to the second at once, and no error to anybody.
    bob.send(user[1], "the first is down")
    await arrives(other, user[1], "the first is down")
    await logged(lab, r"\[hop pool01\] server fe01\.\S+ \S+ is down: .*refused.*; requests go to the others")

    # Healed: found by a probe, said once, and what begins then goes there.
    await one.start()
    await one.wait_request("OPTIONS", timeout=15)
    await logged(lab, r"\[hop pool01\] server fe01\.\S+ \S+ is up again")
    bob.send(user[2], "the first is back")
    await arrives(one, user[2], "the first is back")
    bob.subscribe(user[3])
    await one.wait_request("SUBSCRIBE", user=user[3])
    await bob.wait_presence(user[3], "subscribed")
    await shown_available(lab, bob, user[3])

    # In the middle: what is sent from now on, in a session of the dead one too, arrives at the second.
    await one.stop(abort=True)
    sent = [f"in the middle {n}" for n in range(6)]
    for n, text in enumerate(sent):
        bob.send(user[4 + n % 2], text)
    for n, text in enumerate(sent):
        await arrives(other, user[4 + n % 2], text)
    bob.send(user[2], "in a session of the dead one")
    await arrives(other, user[2], "in a session of the dead one")
    bob.subscribe(user[6])
    await other.wait_request("SUBSCRIBE", user=user[6])
    await bob.wait_presence(user[6], "subscribed")

    before = lab.stoxd.log_size()
    await one.start()
    await logged(lab, r"server fe01\.\S+ \S+ is up again", 20, since=before)
    bob.send(user[7], "back again")
    await arrives(one, user[7], "back again", timeout=20)
    doubled = {text: n for text, n in texts(one, other).items() if n != 1}
    assert not doubled, f"came more than once: {doubled}"
    assert not [s for s in bob.inbox if s.kind == "message"], "no error for anything"
