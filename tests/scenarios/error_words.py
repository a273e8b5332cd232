# SPDX-License-Identifier: MIT
"""
Words of errors, with sipp 3.6.1 as a SIP side that refuses: bob, whose partner speaks German, reads in German what was answered, its Warning and diagnostics
and what they mean, and when to try again (D-01, D-03; lync.md 4.9); xml:lang says so. A stranger is told in the language of the domain he writes to.
"""
from _chat import BARE_ERRORS, fails_with, nothing_more
from _sipp import Sipp, needed

LABS = [("prosody", "simple"), ("prosody", "lync")]
TRANSPORT = "tcp"
OPTIONS = {"partner partner.example": {"language": "de"}, "domain contoso.example": {"language": "de"}}
NOTHING = "X-Row: nothing more"
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"

# status line, header, condition, type, the text
ROWS = [
    ("603 Decline", "Retry-After: 60", "recipient-unavailable", "wait",
     "Die SIP-Seite antwortete: 603 Decline. Der Empfänger möchte nicht kontaktiert werden (abgelehnt / nicht stören). "
     "Ein neuer Versuch ist in 60 s sinnvoll."),
    ("486 Busy Here", 'Warning: 399 sipp "On the phone"', "recipient-unavailable", "wait", "Die SIP-Seite antwortete: 486 Busy Here (On the phone)."),
    ("503 Service Unavailable", "Retry-After: 30", "internal-server-error", "wait",
     "Die SIP-Seite antwortete: 503 Service Unavailable. Ein neuer Versuch ist in 30 s sinnvoll."),
    ("404 Not Found", 'ms-diagnostics: 1003;source="fe.contoso.example";reason="User does not exist"', "item-not-found", "cancel",
     "Die SIP-Seite antwortete: 404 Not Found (User does not exist; Diagnose 1003). Diesen Benutzer gibt es nicht; bitte prüfen Sie die Adresse."),
    ("513 Message Too Large", NOTHING, "policy-violation", "modify", "zu groß für die SIP-Seite."),
]


def language(error) -> str:
    return error.xml.find(f"{{jabber:client}}error/{BARE_ERRORS}text").get(XML_LANG)


async def scenario(lab):
    needed()
    bob = await lab.user(lab.bob, resource="desk")
    async with Sipp.refusing(lab, "MESSAGE" if lab.dialect == "simple" else "INVITE", [row[:2] for row in ROWS]):
        for status, _, condition, kind, words in ROWS:
            ident = bob.send(lab.alice, f"this gets {status}")
            error = await fails_with(bob, ident, lab.alice, condition, kind, words)
            assert language(error) == "de", error
    await nothing_more(bob)
    ident = bob.send(lab.domain, "to nobody")
    error = await fails_with(bob, ident, lab.domain, "service-unavailable", "cancel", "Das ist ein Gateway und keine Person.")
    assert language(error) == "de"
