# SPDX-License-Identifier: MIT
"""Adds up meson's test logs (*.json) and TAP files (*.tap) of a folder; prints failures, skips with reasons, and the closing line."""
import json
import pathlib
import re
import sys

LINE = re.compile(r"^(not ok|ok)\b(?:\s+\d+)?\s*(.*)$")
SKIP = re.compile(r"#\s*SKIP\b\s*(.*)", re.I)


class Tally:
    def __init__(self):
        self.passed, self.failed, self.skipped = 0, [], []

    def tap(self, where, text):
        """Counts the TAP lines; returns how many there were."""
        seen = 0
        for line in text.splitlines():
            match = LINE.match(line)
            if not match:
                continue
            seen += 1
            skip = SKIP.search(match[2])
            if match[1] == "not ok":
                self.failed.append(f"{where}: {match[2]}")
            elif skip:
                self.skipped.append(f"{where}: {match[2][: skip.start()].strip()}: {skip[1] or 'no reason given'}")
            else:
                self.passed += 1
        return seen

    def meson(self, build, test):
        """One meson test: its TAP lines, or itself when it prints none; a crash after passing lines is a failure of its own."""
        where = f"{build} {test['name']}"
        failures = len(self.failed)
        seen = self.tap(where, test.get("stdout") or "")
        result = test["result"]
        if result in ("OK", "EXPECTEDFAIL"):
            self.passed += seen == 0
        elif result == "SKIP":
            if seen == 0:
                self.skipped.append(f"{where}: the test skipped itself")
        elif len(self.failed) == failures:
            self.failed.append(f"{where}: {result}")


def main(folder):
    tally = Tally()
    for path in sorted(pathlib.Path(folder).glob("*.json")):
        for line in path.read_text().splitlines():
            tally.meson(path.stem, json.loads(line))
    for path in sorted(pathlib.Path(folder).glob("*.tap")):
        tally.tap(path.stem, path.read_text())
    for failure in tally.failed:
        print("failed:", failure)
    for skip in tally.skipped:
        print("skipped:", skip)
    print(f"{tally.passed} passed, {len(tally.failed)} failed, {len(tally.skipped)} skipped")
    return 0 if tally.passed and not tally.failed else 1


sys.exit(main(sys.argv[1]))
