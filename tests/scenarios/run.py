# SPDX-License-Identifier: MIT
"""
Runs the scenarios: one file each, the real stoxd with real XMPP servers and the front-end stub or other SIP software.

    STOXD_BUILD=build/plain tests/scenarios/run.py [--tap FILE] [--jobs N] [--list] [NAME...]

A scenario file has LABS, the (edge, dialect) pairs it runs with, and `async def scenario(lab)`; optional: LIMIT (seconds, 90), OPTIONS
(what stoxd.conf says besides), TRANSPORT ("tcp": not the dialect's own), STANDS_ALONE (it prepares the lab itself). Each run is a process
of its own, in a network namespace of its own where one can be had, so that two run at a time.
"""
from __future__ import annotations

import argparse
import ast
import asyncio
import importlib.util
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

HERE = Path(__file__).resolve().parent
TOP = HERE.parent.parent
sys.path[:0] = [str(TOP / "docker"), str(TOP / "tests")]

from labkit import netns  # noqa: E402
from labkit.lab import Lab  # noqa: E402
from labkit.stoxd import StoxdOptions  # noqa: E402


class Skip(Exception):
    """Raised by a scenario that cannot run here; the text is the reason."""


def program() -> Path:
    return (Path(os.environ.get("STOXD_BUILD", TOP / "build" / "plain")) / "component" / "stoxd").resolve()


def files() -> list[Path]:
    return sorted(path for path in HERE.glob("*.py") if path.name != "run.py" and not path.name.startswith("_"))


def constant(path: Path, name: str, default):
    """A module's constant, without running the module."""
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == name:
            return ast.literal_eval(node.value)
    return default


# ---- One run, in a process of its own ----

async def play(module, edge: str, dialect: str, directory: Path) -> None:
    options = StoxdOptions(extra=getattr(module, "OPTIONS", {}))
    lab = Lab(directory, program(), edge, dialect, getattr(module, "TRANSPORT", ""), options=options)
    if getattr(module, "STANDS_ALONE", False):
        await module.scenario(lab)
        return
    async with lab:
        try:
            await lab.wait_attached()
            await module.scenario(lab)
            for stub in lab.stubs:
                stub.assert_clean()
            alive = lab.stoxd.process.child.poll() if lab.stoxd.process.child else None
            assert alive is None, f"stoxd ended with {alive}"
        except Skip:
            raise
        except BaseException:
            print(lab.tails(25))
            raise
    # SIGTERM ends it in order and in time; a sanitizer build says here what has leaked.
    status = lab.stoxd.process.child.returncode
    assert status == 0, f"stoxd ended with {status}\n{lab.stoxd.tail(40)}"


def one(path: Path, edge: str, dialect: str) -> int:
    netns.enter()
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    sys.modules.setdefault("run", sys.modules["__main__"])
    spec.loader.exec_module(module)
    directory = Path(tempfile.mkdtemp(prefix="stoxd-scenario-"))
    try:
        asyncio.run(play(module, edge, dialect, directory))
        return 0
    except Skip as skip:
        print(f"SKIP {skip}")
        return 77
    except BaseException:
        traceback.print_exc(file=sys.stdout)
        return 1
    finally:
        if os.environ.get("STOXD_KEEP"):
            print("kept:", directory)
        else:
            shutil.rmtree(directory, ignore_errors=True)


# ---- All ----

def spawn(path: Path, edge: str, dialect: str) -> tuple[str, str, str]:
    """Name, verdict ("ok", "not ok", "skip"), output or reason."""
    name = f"{path.stem} ({edge}, {dialect})"
    began = time.monotonic()
    child = subprocess.Popen([sys.executable, str(HERE / "run.py"), "--one", str(path), edge, dialect],
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True)
    try:
        output, _ = child.communicate(timeout=constant(path, "LIMIT", 90))
    except subprocess.TimeoutExpired:
        child.send_signal(signal.SIGINT)   # the lab ends its servers on the way out
        try:
            output, _ = child.communicate(timeout=20)
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
            output, _ = child.communicate()
        output += "\nit took longer than its time limit"
        child.returncode = 1
    took = f"{time.monotonic() - began:.1f} s"
    if child.returncode == 0:
        return name, "ok", took
    if child.returncode == 77:
        return name, "skip", output.rsplit("SKIP ", 1)[-1].strip()
    return name, "not ok", output


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("names", nargs="*", help="scenarios whose name begins like this")
    parser.add_argument("--tap", type=Path)
    parser.add_argument("--jobs", type=int, default=3)
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--one", nargs=3, metavar=("FILE", "EDGE", "DIALECT"))
    options = parser.parse_args()
    if options.one:
        return one(Path(options.one[0]), *options.one[1:])
    runs = [(path, edge, dialect) for path in files()
            if not options.names or any(path.stem.startswith(name) for name in options.names)
            for edge, dialect in constant(path, "LABS", [])]
    if options.list:
        print("\n".join(f"{path.stem} ({edge}, {dialect})" for path, edge, dialect in runs))
        return 0
    separate = shutil.which("unshare") and subprocess.run(["unshare", "--net", "true"], capture_output=True).returncode == 0
    failed = 0
    tap = open(options.tap, "w") if options.tap else None
    with ThreadPoolExecutor(options.jobs if separate else 1) as pool:
        for name, verdict, text in pool.map(lambda run: spawn(*run), runs):
            line = {"ok": f"ok {name}", "not ok": f"not ok {name}", "skip": f"ok {name} # SKIP {text}"}[verdict]
            print(line + (f"  [{text}]" if verdict == "ok" else ""), flush=True)
            if verdict == "not ok":
                failed += 1
                print("\n".join("    " + part for part in text.splitlines()[-120:]), flush=True)
            if tap:
                print(line, file=tap, flush=True)
    print(f"{len(runs)} scenarios, {failed} failed")
    return 1 if failed or not runs else 0


if __name__ == "__main__":
    sys.exit(main())
