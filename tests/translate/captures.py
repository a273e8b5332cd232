# SPDX-License-Identifier: MIT
"""
Every message of the captures through `stoxd translate`: what crosses is compared with tests/captures/expected.tsv. TAP.

    captures.py PROGRAM DIRECTORY          compares
    captures.py --table PROGRAM DIRECTORY  prints what the file would have to say, to be read before it is believed

The people in the captures share one domain; the one who is written to is put into another, as the gateway stands between two.
"""
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path


def messages(text):
    """The messages of a capture, in order. Both forms have a line of their own in front of each."""
    blocks = re.split(r"(?m)^(?:#### .*|#\n(?:TLS|TCP|UDP) \S+ -> \S+)\n", text)
    return [block.rstrip("\n") + ("\n" if "\n\n" in block.rstrip("\n") else "\n\n") for block in blocks[1:] if block.strip()]


def other_domain(message):
    return re.sub(r"\b(peer|bob)@contoso\.example", r"\1@partner.example", message)


def summary(out):
    """What crosses: each stanza's name, type, and the state in it."""
    names = []
    for stanza in re.findall(r"<(?:message|presence)\b.*", out):
        kind = re.search(r"<\w+[^>]* type=\"(\w+)\"", stanza)
        state = re.search(r"<(composing|paused|active|gone|body)\b", stanza)
        show = re.search(r"<show>(\w+)</show>", stanza)
        names.append(" ".join(filter(None, [stanza[1:].split()[0], kind and kind[1], state and state[1], show and show[1]])))
    return ", ".join(names)


def translate(program, message):
    done = subprocess.run([program, "translate", "--dialect", "lync"], input=message, capture_output=True, text=True, timeout=60)
    assert done.returncode in (0, 1), f"exit status {done.returncode}\n{done.stderr}"
    assert "This is no SIP message" not in done.stderr, done.stderr
    if done.returncode == 0:
        return summary(done.stdout) or "nothing"
    return re.match(r"SIP/2\.0 (\d{3})", done.stderr)[1]


def main():
    arguments = [word for word in sys.argv[1:] if word != "--table"]
    program, directory = arguments[0], Path(arguments[1])
    found = []
    for path in sorted(directory.glob("*.txt")):
        for number, message in enumerate(messages(path.read_text("utf-8")), 1):
            found.append((path.name, str(number), message.split("\n")[0], other_domain(message)))
    with ThreadPoolExecutor(2) as pool:
        verdicts = list(pool.map(lambda row: translate(program, row[3]), found))
    table = ["\t".join([name, number, first, verdict]) for (name, number, first, _), verdict in zip(found, verdicts)]
    if "--table" in sys.argv:
        print("\n".join(table))
        return 0
    expected = [line for line in (directory / "expected.tsv").read_text("utf-8").splitlines() if not line.startswith("#")]
    for number in range(max(len(table), len(expected))):
        got = table[number] if number < len(table) else "(no such message)"
        want = expected[number] if number < len(expected) else "(not in expected.tsv)"
        print(f"{'ok' if got == want else 'not ok'} {number + 1} {got if got == want else want}")
        if got != want:
            print("# got:", got)
    print(f"1..{max(len(table), len(expected))}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
