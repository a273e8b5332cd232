#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""
Builds the images of docker/Dockerfile and runs the lab of docker/compose.yaml, with podman and
docker-compose 1.29, once on each edge and in each dialect. Prints TAP. Installs nothing itself: docker/packages
containers does. Where no engine can be had everything is skipped, with the command that failed and why.
"""
from __future__ import annotations

import argparse
import os
import re
import sys
import time
from pathlib import Path
from typing import Optional

sys.path.insert(0, str(Path(__file__).resolve().parent))

from engine import MARK, TOP, Engine, Failed, Unavailable, in_namespaces, leave_chroot, run, why_not  # noqa: E402

SECONDS = 1800   # for everything
STOXD, LAB = "localhost/stoxd", "localhost/stoxd-lab"
COMBINATIONS = [("prosody", "lync"), ("ejabberd", "simple")]
ALL = COMBINATIONS + [("ejabberd", "lync"), ("prosody", "simple")]
NAMES = ["image stoxd builds", "image lab builds", "image stoxd holds only what runs",
         "settings come from the environment and from files", "SIGTERM ends it in order"]
# What the compose file asks for, as the process itself sees it.
NO_CAPABILITIES = "0000000000000000"

SETTINGS = """[component]

[domain contoso.example]
hop = pool01

[sip]
listen = tcp:127.0.0.1:5060
fqdn = xgw.contoso.example

[hop pool01]
next-hop = tcp:127.0.0.1:5070
"""


class Tap:
    def __init__(self) -> None:
        self.number = self.failed = 0

    def line(self, text: str) -> None:
        print(text, flush=True)

    def note(self, text: str) -> None:
        for line in text.splitlines():
            self.line("# " + line)

    def test(self, name: str, work) -> bool:
        """`work` fails by an exception; its text follows as comment."""
        self.number += 1
        begun = time.monotonic()
        try:
            work()
        except (Failed, AssertionError, OSError) as error:
            self.failed += 1
            self.line(f"not ok {self.number} {name}")
            self.note(str(error))
            return False
        self.line(f"ok {self.number} {name}")
        self.note(f"{time.monotonic() - begun:.1f} s")
        return True

    def skip(self, name: str, why: str) -> None:
        self.number += 1
        self.line(f"ok {self.number} {name} # SKIP {' '.join(why.split())}")


# ---- The image of the gateway ----

class Image:
    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.settings = engine.scratch / "settings"
        self.settings.mkdir()
        (self.settings / "stoxd.conf").write_text(SETTINGS)
        (self.settings / "the-secret").write_text("not in the file\n")
        self.hardened = ["--network", "none", "--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges",
                         "-v", f"{self.settings}:/etc/stoxd:ro"]

    def stoxd(self, *words: str, environment: Optional[dict[str, str]] = None, check: bool = True):
        variables = [f"--env={name}={value}" for name, value in (environment or {}).items()]
        return self.engine.podman("run", "--rm", *self.hardened, *variables, STOXD, *words, check=check)

    def holds_only_what_runs(self) -> None:
        seen = self.engine.podman("run", "--rm", "--network", "none", "--entrypoint", "/bin/sh", STOXD, "-c",
                                  "id -u; command -v gcc meson python3 git; ls -A /src /etc/stoxd; ldd /usr/bin/stoxd",
                                  check=False).stdout
        assert seen.splitlines()[0] == "10001", f"runs as {seen.splitlines()[0]}"
        for word in ("gcc", "meson", "python3", "git", "meson.build", "not found"):
            assert not re.search(rf"^(/.*/)?{re.escape(word)}$|=> {word}", seen, re.M), f"{word} in:\n{seen}"
        user = self.engine.podman("inspect", "--format", "{{.Config.User}} {{.Config.Entrypoint}} {{.Config.Cmd}}",
                                  STOXD).stdout.strip()
        assert user == "10001:10001 [/usr/bin/stoxd] [run -c /etc/stoxd/stoxd.conf]", user

    def reads_the_environment(self) -> None:
        words = ("check", "-c", "/etc/stoxd/stoxd.conf")
        without = self.stoxd(*words, check=False)
        assert without.returncode != 0 and "secret" in without.stdout, f"no secret, yet:\n{without.stdout}"
        self.stoxd(*words, environment={"STOXD_DOMAIN_CONTOSO_EXAMPLE_SECRET_FILE": "/etc/stoxd/the-secret"})
        bad = self.stoxd(*words, check=False, environment={"STOXD_DOMAIN_CONTOSO_EXAMPLE_SECRET": "s",
                                                           "STOXD_SIP_LISTEN": "tcp:nowhere"})
        assert bad.returncode != 0 and "STOXD_SIP_LISTEN" in bad.stdout, f"a bad STOXD_SIP_LISTEN:\n{bad.stdout}"
        # With _FILE behind it any key takes what a file holds.
        (self.settings / "listen").write_text("tcp:nowhere\n")
        by_file = self.stoxd(*words, check=False, environment={"STOXD_DOMAIN_CONTOSO_EXAMPLE_SECRET": "s",
                                                               "STOXD_SIP_LISTEN_FILE": "/etc/stoxd/listen"})
        assert by_file.returncode != 0 and "STOXD_SIP_LISTEN_FILE" in by_file.stdout, by_file.stdout

    def ends_in_order(self) -> None:
        """SIGTERM reaches stoxd as the first process, nobody else's handler in between."""
        podman = self.engine.podman
        podman("run", "-d", "--name", "alone", *self.hardened, "--env=STOXD_DOMAIN_CONTOSO_EXAMPLE_SECRET=s", STOXD)
        try:
            time.sleep(2)
            podman("stop", "--time", "20", "alone")
            status = podman("inspect", "--format", "{{.State.ExitCode}}", "alone").stdout.strip()
            assert status == "0", f"exit status {status}\n{podman('logs', 'alone').stdout}"
        finally:
            podman("rm", "--force", "alone", check=False)


# ---- The lab of compose ----

class ComposedLab:
    def __init__(self, engine: Engine, edge: str, dialect: str) -> None:
        self.engine, self.edge, self.dialect = engine, edge, dialect

    def compose(self, *words: str, seconds: float = 120, check: bool = True):
        return self.engine.compose("--profile", self.edge, "--profile", "users", *words, seconds=seconds, check=check,
                                   DIALECT=self.dialect)

    def run(self) -> None:
        try:
            self.shows()
        except (Failed, AssertionError) as error:
            logs = self.logs()
            self.remove(check=False)
            raise Failed(f"{error}\n{logs}") from None
        self.remove()

    def shows(self) -> None:
        self.compose("up", "-d", "--no-build", "stoxd", self.edge, "partner", "frontend", seconds=240)
        self.is_closed()
        # Not `run`: docker-compose 1.29 attaches with the help of the docker command, or waits for a minute.
        self.compose("up", "-d", "--no-build", "--no-deps", "users")
        users = self.container("users")
        status = self.engine.podman("wait", users, seconds=240).stdout.strip()
        shown = self.engine.podman("logs", users).stdout
        assert status == "0", f"users ended with {status}\n{shown}"
        steps = re.search(r"(\d+) of (\d+) steps as expected", shown)
        assert steps and steps[1] == steps[2] and int(steps[1]) >= 10, f"what users printed:\n{shown}"
        self.ends()

    def remove(self, check: bool = True) -> None:
        """Twice: podman keeps `net` while others share its network, and docker-compose 1.29 knows no such order."""
        for _ in range(2):
            done = self.compose("down", "-v", "--timeout", "10", check=False)
        left = self.engine.podman("ps", "-a", "-q").stdout + self.engine.podman("volume", "ls", "-q").stdout
        assert not check or (done.returncode == 0 and not left.strip()), f"left behind: {left}\n{done.stdout}"

    def container(self, service: str) -> str:
        return self.compose("ps", "-q", service).stdout.split()[-1]

    def is_closed(self) -> None:
        """No capability, no way out, nothing to write on: asked of the running stoxd."""
        seen = self.engine.podman("exec", self.container("stoxd"), "cat", "/proc/1/status", "/proc/net/route").stdout
        status = dict(re.findall(r"^(\w+):\t(\S+)", seen, re.M))
        expected = dict(Name="stoxd", Uid="10001", NoNewPrivs="1", CapEff=NO_CAPABILITIES, CapPrm=NO_CAPABILITIES,
                        CapBnd=NO_CAPABILITIES)
        for name, value in expected.items():
            assert status.get(name) == value, f"{name} of stoxd is {status.get(name)}"
        assert not re.search(r"^\w+\t[0-9A-F]{8}\t", seen, re.M), f"a route out:\n{seen}"
        wrote = self.engine.podman("exec", self.container("stoxd"), "touch", "/etc/stoxd/x", "/usr/x", check=False)
        assert wrote.returncode != 0 and wrote.stdout.count("Read-only") == 2, f"written on:\n{wrote.stdout}"

    def ends(self) -> None:
        self.compose("stop", "--timeout", "20", "stoxd", self.edge, "partner", "frontend")
        for service in ("stoxd", self.edge, "partner", "frontend"):
            status = self.engine.podman("inspect", "--format", "{{.State.ExitCode}}", self.container(service))
            assert status.stdout.strip() == "0", f"{service} ended with {status.stdout.strip()}"

    def logs(self) -> str:
        return self.compose("logs", "--tail", "40", check=False).stdout


# ---- All of it ----

def tests(tap: Tap, engine: Engine, base: str, names: list[str], combinations: list[tuple[str, str]]) -> None:
    built = tap.test(names[0], lambda: engine.build(base, "stoxd", STOXD))
    lab_built = tap.test(names[1], lambda: engine.build(base, "lab", LAB))
    if not built:
        for name in names[2:]:
            tap.skip(name, "there is no image of stoxd")
        return
    image = Image(engine)
    tap.test(names[2], image.holds_only_what_runs)
    tap.test(names[3], image.reads_the_environment)
    tap.test(names[4], image.ends_in_order)
    for name, (edge, dialect) in zip(names[5:], combinations):
        if lab_built:
            tap.test(name, ComposedLab(engine, edge, dialect).run)
        else:
            tap.skip(name, "there is no image of the lab")


def compose_file_is_valid(edge: str) -> None:
    services = run(["docker-compose", "-f", str(TOP / "docker" / "compose.yaml"), "--profile", edge, "config",
                    "--services"], 30).stdout.split()
    for service in ("net", "certificates", edge, "partner", "stoxd", "frontend"):
        assert service in services, f"no {service} in {services}"


def inside(scratch: Path, options: argparse.Namespace) -> int:
    tap = Tap()
    for edge in ("prosody", "ejabberd"):
        tap.test(f"compose.yaml is valid, profile {edge}", lambda: compose_file_is_valid(edge))
    combinations = ALL if options.all else COMBINATIONS
    names = NAMES + [f"compose lab: {edge} as the edge, {dialect} dialect" for edge, dialect in combinations]
    try:
        leave_chroot()
        engine = Engine(scratch)
        try:
            base = engine.base_image(options.base)
            engine.try_container(base)
            engine.start_service()
            tap.note(f"base image {base}, storage driver {engine.driver}")
            tests(tap, engine, base, names, combinations)
        finally:
            engine.stop()
    except Unavailable as why:
        for name in names:
            tap.skip(name, str(why))
    tap.line(f"1..{tap.number}")
    return 1 if tap.failed else 0


def main() -> int:
    parser = argparse.ArgumentParser(prog="tests/containers/run.py", description=__doc__)
    parser.add_argument("--tap", type=Path, metavar="FILE", help="the TAP lines go there as well")
    parser.add_argument("--base", type=Path, metavar="TAR", help="minimal root of Debian 12 to build on, to save time")
    parser.add_argument("--all", action="store_true", help="every dialect on every edge")
    options = parser.parse_args()
    if os.environ.get(MARK):
        return inside(Path(os.environ[MARK]), options)
    copy = open(options.tap, "w") if options.tap else None

    def out(line: str) -> None:
        for where in filter(None, (sys.stdout, copy)):
            where.write(line)
            where.flush()
    why = why_not()
    if why:
        out(f"ok 1 containers # SKIP {' '.join(why.split())}\n1..1\n")
        return 0
    again = ["--base", str(options.base.resolve())] if options.base else []
    again += ["--all"] if options.all else []
    return in_namespaces(Path(__file__).resolve(), again, SECONDS, out)


if __name__ == "__main__":
    sys.exit(main())
