# SPDX-License-Identifier: MIT
"""
sipp 3.6.1 sends what is not right, over TCP: each request gets the status, the ms-diagnostics-public and the header that RFC 3261 and RFC 6665 want
(R-23, R-24, RFC 3261 s8.2), and after all of them a good one passes.
"""
from _chat import messages, nothing_more
from _sipp import ACK, Sipp, needed

LABS = [("prosody", "simple")]
TEXT = "Content-Type: text/plain"
AUDIO = "v=0\no=- 0 0 IN IP4 127.0.0.11\ns=call\nc=IN IP4 127.0.0.11\nt=0 0\nm=audio 40000 RTP/AVP 0"
TEXTS = AUDIO.replace("m=audio 40000 RTP/AVP 0", "m=message 5061 sip null")
CONTACT = "Contact: <sip:alice@[contact]>"
ALICE, BOB = "<sip:[alice]>;tag=[pid]a[call_number]", "<sip:[bob]>"
GONE = BOB + ";tag=gone"

# what, method, what differs, headers, body, status, header of the answer and what it must hold
ROWS = [
    ("a content that we do not take", "MESSAGE", {}, ["Content-Type: application/octet-stream"], "x", 415, ("Accept:", "text/plain")),
    ("an unknown method", "FROBNICATE", {}, [], "", 501, ("Allow:", "MESSAGE")),
    ("a known method that is not ours", "PUBLISH", {}, ["Event: presence"], "", 405, ("Allow:", "SUBSCRIBE")),
    ("an unknown event", "SUBSCRIBE", {}, [CONTACT, "Event: dialog", "Expires: 600"], "", 489, ("Allow-Events:", "presence")),
    ("no event", "SUBSCRIBE", {}, [CONTACT, "Expires: 600"], "", 489, ("Allow-Events:", "presence")),
    ("an unknown extension", "MESSAGE", {}, [TEXT, "Require: x-sipp"], "x", 420, ("Unsupported:", "x-sipp")),
    ("no hops left", "MESSAGE", {"hops": "0"}, [TEXT], "x", 483, None),
    ("another version", "MESSAGE", {"line": "MESSAGE sip:[bob] SIP/3.0"}, [TEXT], "x", 505, None),
    ("a scheme that is not ours", "MESSAGE", {"line": "MESSAGE tel:+12025550100 SIP/2.0"}, [TEXT], "x", 416, None),
    ("the partner of nobody", "MESSAGE", {"line": "MESSAGE sip:eve@stranger.example SIP/2.0", "to": "<sip:eve@stranger.example>"}, [TEXT], "x",
     403, None),
    ("somebody else's domain", "MESSAGE", {"from": "<sip:eve@stranger.example>;tag=[pid]a[call_number]"}, [TEXT], "x", 403, None),
    ("a dialog that is not known", "MESSAGE", {"to": GONE}, [TEXT], "x", 481, None),
    ("BYE of no dialog", "BYE", {"to": GONE}, [], "", 481, None),
    ("a subscription that is not known", "SUBSCRIBE", {"to": GONE}, [CONTACT, "Event: presence", "Expires: 600"], "", 481, None),
    ("NOTIFY of no subscription", "NOTIFY", {}, [CONTACT, "Event: presence", "Subscription-State: active"], "", 481, None),
    ("CANCEL of nothing", "CANCEL", {}, [], "", 481, None),
    ("audio", "INVITE", {}, [CONTACT, "Content-Type: application/sdp"], AUDIO, 488, None),
    ("no Contact in an INVITE", "INVITE", {}, ["Content-Type: application/sdp"], TEXTS, 400, None),
]


def fills(method, differs, headers, body, status, holds):
    header, text = holds or ("ms-diagnostics-public:", "reason=")
    invite = method == "INVITE"
    return {"line": f"{method} sip:[bob] SIP/2.0", "hops": "70", "from": ALICE, "to": BOB, "method": method, **differs,
            "headers": "\n".join(headers) or "X-Row: nothing more", "body": body, "status": str(status),
            "provisional": '  <recv response="100" optional="true"/>' if invite else "", "diagnostic": "ms-diagnostics-public: 6[12][0-9]+;reason=",
            "header": header, "holds": text, "after": ACK if invite else ""}


async def scenario(lab):
    needed()
    bob = await lab.user(lab.bob, resource="desk")
    wrong = []
    for what, *row in ROWS:
        try:
            async with Sipp(lab, "request", fills=fills(*row), seconds=8):
                pass
        except AssertionError as error:
            wrong.append(f"{what}: {error}")
    assert not wrong, "\n\n".join(wrong)
    await nothing_more(bob)
    assert not messages(bob)

    # RFC 2543 knew From without a tag, and RFC 3261 s12.1.1 bears with it.
    untagged = fills("MESSAGE", {"from": "<sip:[alice]>"}, [TEXT], "No tag", 200, ("CSeq:", "1 MESSAGE"))
    async with Sipp(lab, "request", fills=untagged | {"diagnostic": "^SIP/2.0 200 OK"}):
        await bob.wait_message(lab.alice, "No tag\n")
    async with Sipp(lab, "page-out"):
        await bob.wait_message(lab.alice)
