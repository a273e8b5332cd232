# SPDX-License-Identifier: MIT
"""
tests/COVERAGE.md against the tests: each row of the reference has a test that carries its id, or a reason why there is none. TAP.

    coverage.py TOP
"""
import re
import sys
from pathlib import Path

REASONS = ("outside presence and IM", "contradicted by a decision", "needs a real front end")


def check(top, row, tests, reason):
    if reason:
        if tests:
            return "both a test and a reason"
        return None if reason.startswith(REASONS) else f"the reason is none of {', '.join(REASONS)}"
    if not tests:
        return "neither a test nor a reason"
    for test in tests.split():
        path = top / "tests" / test
        if not path.is_file():
            return f"there is no tests/{test}"
        if not re.search(rf"(?<![\w.-]){re.escape(row)}(?!\d)", path.read_text("utf-8", "replace")):
            return f"{row} is not in tests/{test}"
    return None


def main():
    top = Path(sys.argv[1])
    text = (top / "tests" / "COVERAGE.md").read_text("utf-8")
    rows = re.findall(r"(?m)^\| ([^|]*?) \| ([^|]*?) \| ([^|]*?) \|$", text)
    rows = [row for row in rows if row[0] not in ("row", "") and not set(row[0]) <= set("-: ")]
    seen = set()
    for number, (row, tests, reason) in enumerate(rows, 1):
        wrong = check(top, row, tests, reason) or (f"{row} stands there twice" if row in seen else None)
        seen.add(row)
        print(f"{'not ok' if wrong else 'ok'} {number} {row}")
        if wrong:
            print("#", wrong)
    print(f"1..{len(rows)}" if rows else "Bail out! there are no rows")
    return 0


if __name__ == "__main__":
    sys.exit(main())
