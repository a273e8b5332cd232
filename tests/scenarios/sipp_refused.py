# SPDX-License-Identifier: MIT
"""
sipp 3.6.1 refuses over TCP, each row one call: bob's MESSAGE (simple hop) or the INVITE of his session (lync hop, and its ACK is checked by sipp), and
his SUBSCRIBE. One stanza error for each, of RFC 7247 table 3 (D-01, D-03, D-16), and never a second try.
"""
from _chat import fails_with, messages, nothing_more
from _presence import nothing_shown, shown
from _sipp import Sipp, needed

LABS = [("prosody", "simple"), ("prosody", "lync")]
TRANSPORT = "tcp"
NOTHING = "X-Row: nothing more"

# status line, header, condition, type, in the text
ROWS = [
    ("302 Moved Temporarily", "Contact: <sip:alice@other.example>", "redirect", "modify", "302"),
    ("400 Bad Request", NOTHING, "bad-request", "modify", "400"),
    ("401 Unauthorized", 'WWW-Authenticate: Digest realm="sipp", nonce="1"', "not-authorized", "auth", "401"),
    ("403 Forbidden", NOTHING, "forbidden", "auth", "403"),
    ("404 Not Found", NOTHING, "item-not-found", "cancel", "404"),
    ("405 Method Not Allowed", "Allow: OPTIONS", "feature-not-implemented", "cancel", "405"),
    ("407 Proxy Authentication Required", 'Proxy-Authenticate: Digest realm="sipp", nonce="1"', "registration-required", "auth", "407"),
    ("408 Request Timeout", NOTHING, "remote-server-timeout", "wait", "408"),
    ("410 Gone", NOTHING, "gone", "cancel", "410"),
    ("413 Request Entity Too Large", NOTHING, "policy-violation", "modify", "413"),
    ("415 Unsupported Media Type", "Accept: text/html", "not-acceptable", "modify", "415"),
    ("420 Bad Extension", "Unsupported: gruu", "feature-not-implemented", "cancel", "420"),
    ("480 Temporarily Unavailable", NOTHING, "recipient-unavailable", "wait", "480"),
    ("480 Temporarily Unavailable", "Retry-After: 90", "recipient-unavailable", "wait", "90 s"),
    ("486 Busy Here", "Retry-After: 120", "recipient-unavailable", "wait", "120 s"),
    ("487 Request Terminated", NOTHING, "recipient-unavailable", "wait", "487"),
    ("488 Not Acceptable Here", 'Warning: 399 sipp "not this"', "not-acceptable", "modify", "488"),
    ("500 Server Internal Error", NOTHING, "internal-server-error", "cancel", "500"),
    ("500 Server Internal Error", "Retry-After: 5", "internal-server-error", "wait", "5 s"),
    ("501 Not Implemented", NOTHING, "feature-not-implemented", "cancel", "501"),
    ("502 Bad Gateway", NOTHING, "remote-server-not-found", "cancel", "502"),
    ("503 Service Unavailable", "Retry-After: 30", "internal-server-error", "wait", "30 s"),
    ("504 Server Time-out", NOTHING, "remote-server-timeout", "wait", "504"),
    ("505 Version Not Supported", NOTHING, "not-acceptable", "modify", "505"),
    ("513 Message Too Large", NOTHING, "policy-violation", "modify", "513"),
    ("580 Precondition Failure", NOTHING, "internal-server-error", "cancel", "580"),
    ("600 Busy Everywhere", NOTHING, "recipient-unavailable", "wait", "600"),
    ("603 Decline", "Retry-After: 60", "recipient-unavailable", "wait", "60 s"),
    ("604 Does Not Exist Anywhere", NOTHING, "item-not-found", "cancel", "604"),
    ("606 Not Acceptable", NOTHING, "not-acceptable", "modify", "606"),
    ("699 Odd", NOTHING, "recipient-unavailable", "wait", "699"),
]

# What bob sees of a refused subscription: the type, and the condition of an error. "" for nothing (it is tried again later).
SUBSCRIBE = [
    ("403 Forbidden", NOTHING, "unsubscribed", ""),
    ("489 Bad Event", "Allow-Events: dialog", "unsubscribed", ""),
    ("603 Decline", NOTHING, "unsubscribed", ""),
    ("404 Not Found", NOTHING, "error", "item-not-found"),
    ("406 Not Acceptable", NOTHING, "error", "not-acceptable"),
    ("410 Gone", NOTHING, "error", "gone"),
    ("604 Does Not Exist Anywhere", NOTHING, "error", "item-not-found"),
    ("480 Temporarily Unavailable", NOTHING, "", ""),
    ("503 Service Unavailable", "Retry-After: 600", "", ""),
]


async def scenario(lab):
    needed()
    bob = await lab.user(lab.bob, resource="desk")
    async with Sipp.refusing(lab, "MESSAGE" if lab.dialect == "simple" else "INVITE", [row[:2] for row in ROWS]):
        for status, _, condition, kind, words in ROWS:
            ident = bob.send(lab.alice, f"this gets {status}")
            await fails_with(bob, ident, lab.alice, condition, kind, words)
    await nothing_more(bob)
    assert not messages(bob)

    async with Sipp.refusing(lab, "SUBSCRIBE", [row[:2] for row in SUBSCRIBE]):
        for number, (status, _, kind, condition) in enumerate(SUBSCRIBE):
            user = f"carol{number}@{lab.domain}"
            bob.subscribe(user)
            if kind:
                seen = await shown(bob, user, kind)
                assert seen.condition == condition and (not condition or status[:3] in seen.error_text), (status, seen)
    await nothing_shown(bob, *(f"carol{number}@{lab.domain}" for number in range(len(SUBSCRIBE))))
