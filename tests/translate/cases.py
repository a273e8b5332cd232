# SPDX-License-Identifier: MIT
"""
Whole stanzas, SIP messages and documents through `stoxd translate`, one file of tests/translate/cases each. TAP.

    cases.py PROGRAM DIRECTORY

A file begins with lines that say what is expected; the input follows behind the first line that is `---`:

    # a comment: the rows it stands for
    $ ARGUMENTS              more words for the command line
    = STATUS                 its exit status; 0 when it is not said
    > PATTERN                a regular expression that standard output must have (. matches no newline)
    ! PATTERN                one that it must not have
    e PATTERN                one that standard error must have
"""
import re
import shlex
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path


def run(program, path):
    head, _, text = path.read_text("utf-8").partition("\n---\n")
    lines = [(line[0], line[2:]) for line in head.splitlines() if line]
    words = shlex.split(" ".join(value for sign, value in lines if sign == "$"))
    status = int(next((value for sign, value in lines if sign == "="), "0"))
    done = subprocess.run([program, "translate", *words], input=text, capture_output=True, text=True, timeout=60)
    wrong = [f"exit status {done.returncode}, expected {status}"] if done.returncode != status else []
    for sign, value in lines:
        out = done.stderr if sign == "e" else done.stdout
        if sign in ">e" and not re.search(value, out, re.M) or sign == "!" and re.search(value, out, re.M):
            wrong.append(f"{sign} {value}")
    if not any(sign in ">!e" for sign, _ in lines):
        wrong.append("the file expects nothing")
    return wrong and wrong + ["stdout:", done.stdout, "stderr:", done.stderr]


def main():
    program, directory = sys.argv[1:]
    files = sorted(Path(directory).glob("*.txt"))
    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(lambda path: run(program, path), files))
    for number, (path, wrong) in enumerate(zip(files, results), 1):
        print(f"{'not ok' if wrong else 'ok'} {number} {path.stem}")
        if wrong:
            print("#", "\n".join(wrong).replace("\n", "\n# "))
    print(f"1..{len(files)}" if files else "Bail out! there are no cases")
    return 0


if __name__ == "__main__":
    sys.exit(main())
