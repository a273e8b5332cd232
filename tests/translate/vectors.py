# SPDX-License-Identifier: MIT
"""
Every vector through the program, as an administrator would ask it: `stoxd translate address`, `stoxd translate error`. TAP.

    vectors.py PROGRAM DIRECTORY...

Further rows of the same files need no code. STOX_SHARED_VECTORS names one more directory.
"""
import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

GATEWAY = "sip.gw.example"


def ask(program, *arguments):
    done = subprocess.run([program, "translate", *arguments], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
    return done.returncode, done.stdout.rstrip("\n"), done.stderr.rstrip("\n")


def rows(directory, name):
    path = Path(directory) / name
    if not path.exists():
        return []
    lines = path.read_text("utf-8").splitlines()
    return [(line + "\t" * 8).split("\t") for line in lines if line and not line.startswith("#")]


def expand(text):
    return re.sub(r"<(\d+) x '(.)'>", lambda match: match[2] * int(match[1]), text)


def expect(got, address):
    if got != (0, address, ""):
        return f"expected {address!r}, got {got}"


def refused(got, *words):
    """Exit status 1, nothing on standard output, and one of the words on standard error."""
    status, out, error = got
    if status != 1 or out or not any(error.startswith(word) for word in words):
        return f"expected one of {words}, got {got}"


def sip_to_jid(program, row):
    got = ask(program, "address", expand(row[1]))
    if row[2] != "!":
        return expect(got, expand(row[2]))
    target = re.search(r"R: (\d{3})", row[3]) or re.match(r"(\d{3})", row[3])
    return refused(got, f"sip {target[1]}")


def jid_to_sip(program, row):
    if row[1] != "T":
        return None   # im: and pres: are the unit tests' matter
    got = ask(program, "address", expand(row[2]))
    if row[3] != "!":
        return expect(got, expand(row[3]))
    return refused(got, "xmpp " + re.match(r"[a-z-]+", row[4])[0])


def proxied(program, row):
    left, direction, right, note = row[1:5]
    got = ask(program, "address", "--proxied", GATEWAY, expand(left))
    if right == "!":
        word = re.match(r"item-not-found|jid-malformed", note)
        return refused(got, "xmpp " + word[0] if word else "xmpp ")
    return expect(got, right) or (expect(ask(program, "address", "--proxied", GATEWAY, right), left) if direction == "<->" else None)


def sip_to_xmpp(program, row):
    return expect(ask(program, "error", row[1]), f"{row[2]} {row[3]}")


def code(text):
    """The first code that a request other than INVITE and without an address can get: "301 or 410" is 410, "302, without an address 480" is 480."""
    return re.search(r"without an address (\d+)", text)[1] if "without" in text else re.findall(r"\d{3}", text.split("(")[0])[-1]


def xmpp_to_sip(program, row):
    return (expect(ask(program, "error", row[1], "--full"), code(row[4])) or
            expect(ask(program, "error", row[1]), code(row[4])) or
            expect(ask(program, "error", row[1], "--bare"), code(row[5])))


FILES = {"address-sip-to-jid.tsv": sip_to_jid, "address-jid-to-sip.tsv": jid_to_sip, "address-proxied.tsv": proxied,
         "error-sip-to-xmpp.tsv": sip_to_xmpp, "error-xmpp-to-sip.tsv": xmpp_to_sip}


def main():
    program, *directories = sys.argv[1:]
    directories += filter(None, [os.environ.get("STOX_SHARED_VECTORS")])
    cases = {}
    for directory in directories:
        for name, check in FILES.items():
            for row in rows(directory, name):
                cases[(row[0], row[1], row[2])] = (check, row)
    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(lambda case: case[0](program, case[1]), cases.values()))
    for number, ((check, row), why) in enumerate(zip(cases.values(), results), 1):
        print(f"{'not ok' if why else 'ok'} {number} {check.__name__} {row[0]}")
        if why:
            print("#", why.replace("\n", "\n# "))
    if not cases:
        print("Bail out! there are no vectors")
    print(f"1..{len(cases)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
