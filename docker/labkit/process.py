# SPDX-License-Identifier: MIT
"""Programs that the lab started: their logs, their end by pid and start time, and giving up root for them."""
from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Callable, Optional


class DidNotStart(RuntimeError):
    """A program ended at once or was not ready in time; the text holds its last log lines."""


def start_time(pid: int) -> str:
    """Field 22 of /proc/PID/stat: together with the pid it names one process for ever. Empty when there is none."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return ""
    fields = stat.rpartition(")")[2].split()
    return "" if fields[0] == "Z" else fields[19]


@dataclass
class Process:
    name: str
    pid: int
    started: str
    log: Path
    child: Optional[subprocess.Popen] = None

    @classmethod
    def start(cls, name: str, command: list[str], log: Path, environment: Optional[dict[str, str]] = None,
              directory: Optional[Path] = None) -> "Process":
        with open(log, "ab") as out:
            child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT,
                                     env=environment, cwd=directory, start_new_session=True)
        return cls(name, child.pid, start_time(child.pid), log, child)

    def alive(self) -> bool:
        if self.child is not None and self.child.poll() is not None:
            return False
        return bool(self.started) and start_time(self.pid) == self.started

    def wait_until(self, ready: Callable[[], bool], seconds: float, what: str) -> None:
        deadline = time.monotonic() + seconds
        while not ready():
            if not self.alive():
                raise DidNotStart(f"{self.name} ended before it was ready ({what})\n{self.tail()}")
            if time.monotonic() > deadline:
                raise DidNotStart(f"{self.name} was not ready within {seconds:g} s ({what})\n{self.tail()}")
            time.sleep(0.05)

    def signal(self, number: int) -> bool:
        """Only if it is still the process that was started."""
        if not self.alive():
            return False
        try:
            os.kill(self.pid, number)
        except ProcessLookupError:
            return False
        return True

    def halt(self, seconds: float = 5) -> None:
        """SIGSTOP, and back only when every thread stands still; resume() lets it go on."""
        deadline = time.monotonic() + seconds
        self.signal(signal.SIGSTOP)
        while any(state != "T" for state in self._states()):
            if time.monotonic() > deadline:
                raise RuntimeError(f"{self.name} does not stand still: {self._states()}")
            time.sleep(0.01)

    def resume(self) -> None:
        self.signal(signal.SIGCONT)

    def _states(self) -> list[str]:
        tasks = Path(f"/proc/{self.pid}/task").glob("*/stat")
        return [task.read_text().rpartition(")")[2].split()[0] for task in tasks]

    def stop(self, grace: float = 8) -> None:
        """SIGTERM, and SIGKILL when it has not ended in time. What it has left in its own session goes with it."""
        ours = self.child is not None or self.alive()
        self.signal(signal.SIGTERM)
        deadline = time.monotonic() + grace
        while self.alive() and time.monotonic() < deadline:
            time.sleep(0.05)
        self.signal(signal.SIGKILL)
        if self.child is not None:
            try:
                self.child.wait(5)
            except subprocess.TimeoutExpired:
                pass
        if ours:
            _end_session(self.pid)

    def kill(self) -> None:
        if self.signal(signal.SIGKILL):
            if self.child is not None:
                self.child.wait(5)
            _end_session(self.pid)

    def tail(self, lines: int = 15) -> str:
        return tail(self.log, lines, self.name)


def _end_session(session: int) -> None:
    """Helpers of a server (ejabberd's erl_child_setup) are in the session that was made for it, and nobody else is."""
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
            if int(fields[3]) == session and fields[0] != "Z":
                os.kill(int(entry.name), signal.SIGKILL)
        except (OSError, IndexError, ValueError):
            continue


def tail(log: Path, lines: int, name: str) -> str:
    try:
        text = log.read_text("utf-8", "replace").splitlines()[-lines:]
    except OSError:
        text = ["(no log)"]
    return "\n".join([f"  last lines of {name} ({log}):"] + ["    | " + line for line in text or ["(empty)"]])


@dataclass
class Unprivileged:
    """The user that servers run as: nobody when we are root and nobody can get at the directories and programs, else ourselves."""

    user: str = ""
    uid: int = -1
    gid: int = -1

    @classmethod
    def choose(cls, *needed: Path) -> "Unprivileged":
        if os.geteuid() != 0 or not shutil.which("setpriv"):
            return cls()
        entry = pwd.getpwnam("nobody")
        chosen = cls("nobody", entry.pw_uid, entry.pw_gid)
        for path in needed:
            probe = subprocess.run(chosen.prefix() + ["test", "-x", str(path), "-a", "-r", str(path)],
                                   capture_output=True, timeout=10)
            if probe.returncode != 0:
                return cls()
        return chosen

    def prefix(self) -> list[str]:
        if not self.user:
            return []
        return ["setpriv", f"--reuid={self.uid}", f"--regid={self.gid}", "--clear-groups", "--"]

    def own(self, *paths: Path) -> None:
        if not self.user:
            return
        for path in paths:
            for each in [path, *path.rglob("*")] if path.is_dir() else [path]:
                os.chown(each, self.uid, self.gid)
