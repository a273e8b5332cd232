# SPDX-License-Identifier: MIT
"""
A container engine for one test run: podman with a store, a run directory and a configuration of its own below one
scratch folder, in mount and process namespaces of its own, so that nothing of it is left and the machine's own podman
never sees it.
"""
from __future__ import annotations

import ctypes
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Callable, Optional, Union

TOP = Path(__file__).resolve().parent.parent.parent
PROGRAMS = ("podman", "runc", "conmon", "docker-compose", "mmdebstrap", "unshare", "chroot", "mount")
REGISTRY_IMAGE = "docker.io/library/debian:bookworm-slim"
LOCAL_IMAGE = "localhost/debian:bookworm-slim"
MARK = "STOXD_CONTAINER_SCRATCH"
CHROOT = "STOXD_CONTAINER_CHROOT"
CGROUPS = "/sys/fs/cgroup"


class Unavailable(Exception):
    """No engine can be had here; the text names the command that failed, and why."""


class Failed(Exception):
    """A command failed; the text has the end of its output."""


def run(command: list[str], seconds: float, environment: Optional[dict[str, str]] = None, check: bool = True,
        directory: Path = TOP) -> subprocess.CompletedProcess:
    """Output and errors in one text, no input, ended after `seconds`."""
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              text=True, errors="replace", timeout=seconds, env=environment, cwd=directory)
    except subprocess.TimeoutExpired as late:
        raise Failed(f"{shown(command)}: not done after {seconds:g} s\n{end_of(late.stdout or b'')}") from None
    if check and done.returncode != 0:
        raise Failed(f"{shown(command)}: status {done.returncode}\n{end_of(done.stdout)}")
    return done


def shown(command: list[str]) -> str:
    return " ".join(os.path.basename(command[0]) if i == 0 else word for i, word in enumerate(command[:4]))


def end_of(text: Union[str, bytes], lines: int = 30) -> str:
    text = text.decode(errors="replace") if isinstance(text, bytes) else text
    return "\n".join(text.strip().splitlines()[-lines:])


# ---- Namespaces ----

def mounted(folder: str) -> bool:
    """os.path.ismount sees no bind mounts of the same file system."""
    with open("/proc/self/mountinfo") as mounts:
        return any(line.split()[4] == folder for line in mounts)


def unshare() -> list[str]:
    # In a chroot there is no mount point whose propagation could be changed.
    propagation = "private" if mounted("/") else "unchanged"
    return ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "--propagation", propagation, "--"]


def in_namespaces(script: Path, arguments: list[str], seconds: float, out: Callable[[str], None]) -> int:
    """
    Runs `script` again inside, its output line by line into `out`; gives its exit status. Whatever it started has ended
    then, and its scratch folder is gone.
    """
    # Short: the paths of sockets below it have 108 bytes. The bind mount (leave_chroot) is not below what is removed.
    scratch = tempfile.mkdtemp(prefix="sx", dir="/var/tmp")
    root = tempfile.mkdtemp(prefix="sxroot", dir="/var/tmp")
    cgroups = empty_parents()
    command = [*unshare(), sys.executable, str(script), *arguments]
    environment = dict(os.environ, **{MARK: scratch, CHROOT: "" if mounted("/") else root})
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, env=environment)
    late = threading.Timer(seconds, child.kill)  # --kill-child takes everything with it
    late.start()
    told = False
    try:
        for line in child.stdout:
            told = told or line.startswith("not ok")
            out(line)
        status = child.wait()
        if status != 0 and not told:
            why = f"ended with status {status}" if late.is_alive() else f"not done after {seconds:g} s"
            out(f"not ok containers: {why}\n")
        return 1 if status else 0
    finally:
        late.cancel()
        child.kill()
        child.wait()
        if mounted(root):  # it came back here: the file system above is a shared one
            subprocess.run(["umount", "--recursive", "--lazy", root], check=False)
        subprocess.run(["rm", "-rf", "--one-file-system", scratch], check=False)
        os.rmdir(root)
        for parent in empty_parents() - cgroups:
            os.rmdir(parent)


def leave_chroot() -> None:
    """
    Makes a chroot the true root of the new mount namespace, for this process; to be called inside, first.

    In a chroot no container can be started: its root is no mount point (runc's mount propagation wants one), and runc's
    pivot_root would leave the namespace with the machine's root, where `exec` then ends up. So the chroot is bound onto
    a folder of it, and pivot_root is done here once. setns into the own namespace resets the root, which pivot_root
    wants; nothing of the machine's root is touched while it is seen.
    """
    folder = os.environ.get(CHROOT)
    if not folder:
        return
    libc = ctypes.CDLL(None, use_errno=True)

    def call(name: str, *arguments: object) -> None:
        if getattr(libc, name)(*arguments) != 0:
            raise Unavailable(f"in a chroot, {name} failed: {os.strerror(ctypes.get_errno())}")
    run(["mount", "--rbind", "/", folder], 30, directory=Path("/"))
    bound = os.open(folder, os.O_PATH | os.O_DIRECTORY)
    namespace = os.open("/proc/self/ns/mnt", os.O_RDONLY)
    clone_newns, ms_rec, ms_private, mnt_detach = 0x20000, 0x4000, 0x40000, 2
    call("setns", namespace, clone_newns)
    call("mount", None, b"/", None, ms_rec | ms_private, None)
    os.fchdir(bound)
    call("pivot_root", b".", b".")
    call("umount2", b".", mnt_detach)
    os.chdir("/")
    os.close(bound)
    os.close(namespace)


def empty_parents() -> set[str]:
    """cgroups that podman makes for its containers' and leaves there, where nothing is in them."""
    found = set()
    for folder in [CGROUPS, *(entry.path for entry in os.scandir(CGROUPS) if entry.is_dir())] \
            if os.path.isdir(CGROUPS) else []:
        parent = os.path.join(folder, "libpod_parent")
        if os.path.isdir(parent) and not any(entry.is_dir() for entry in os.scandir(parent)):
            found.add(parent)
    return found


def why_not() -> str:
    """Why no engine can be had, as far as that is seen before anything is tried; empty when it may work."""
    if os.geteuid() != 0:
        return "needs root"
    missing = [name for name in PROGRAMS if not shutil.which(name)]
    if missing:
        return f"not installed: {', '.join(missing)} (docker/packages containers)"
    done = subprocess.run([*unshare(), "true"], capture_output=True, text=True)
    return "" if done.returncode == 0 else f"unshare --mount --pid failed: {end_of(done.stderr, 1)}"


# ---- podman ----

class Engine:
    def __init__(self, scratch: Path) -> None:
        self.scratch = scratch
        self.service: Optional[subprocess.Popen] = None
        for name in ("xdg", "tmp", "libpod", "store", "run", "volumes"):
            (scratch / name).mkdir(exist_ok=True)
        self.driver = "overlay" if self._overlay_works() else "vfs"
        self._configure()
        self.socket = scratch / "podman.sock"
        self.environment = dict(
            os.environ, CONTAINERS_CONF=str(scratch / "containers.conf"), TMPDIR=str(scratch / "tmp"),
            CONTAINERS_STORAGE_CONF=str(scratch / "storage.conf"), XDG_RUNTIME_DIR=str(scratch / "xdg"),
            DOCKER_HOST=f"unix://{self.socket}", COMPOSE_HTTP_TIMEOUT="120")

    def _overlay_works(self) -> bool:
        folders = [self.scratch / "probe" / name for name in ("lower", "upper", "work", "merged")]
        for folder in folders:
            folder.mkdir(parents=True, exist_ok=True)
        lower, upper, work, merged = map(str, folders)
        done = subprocess.run(["mount", "-t", "overlay", "overlay", "-o",
                               f"lowerdir={lower},upperdir={upper},workdir={work}", merged], capture_output=True)
        if done.returncode == 0:
            subprocess.run(["umount", merged], check=True)
        return done.returncode == 0

    def _configure(self) -> None:
        # Without CAP_SYS_RESOURCE no limit can be raised above what we have ourselves.
        limits = []
        for name, which in (("nofile", resource.RLIMIT_NOFILE), ("nproc", resource.RLIMIT_NPROC)):
            hard = resource.getrlimit(which)[1]
            value = 4096 if hard == resource.RLIM_INFINITY else min(hard, 4096)
            limits.append(f'"{name}={value}:{value}"')
        s = self.scratch
        (s / "containers.conf").write_text(
            f'[containers]\ndefault_ulimits = [{", ".join(limits)}]\nlog_driver = "k8s-file"\n'
            f'[engine]\ncgroup_manager = "cgroupfs"\nevents_logger = "file"\nruntime = "runc"\nlock_type = "file"\n'
            f'tmp_dir = "{s}/libpod"\nstatic_dir = "{s}/store/libpod"\nvolume_path = "{s}/volumes"\n'
            f'[network]\nnetwork_config_dir = "{s}/networks"\n')
        (s / "storage.conf").write_text(
            f'[storage]\ndriver = "{self.driver}"\ngraphroot = "{s}/store"\nrunroot = "{s}/run"\n')

    def podman(self, *words: str, seconds: float = 60, check: bool = True) -> subprocess.CompletedProcess:
        return run(["podman", *words], seconds, self.environment, check)

    def compose(self, *words: str, seconds: float = 120, check: bool = True,
                **environment: str) -> subprocess.CompletedProcess:
        return run(["docker-compose", "--ansi", "never", "-f", str(TOP / "docker" / "compose.yaml"), *words], seconds,
                   dict(self.environment, **environment), check)

    def base_image(self, archive: Optional[Path] = None) -> str:
        """
        The image that everything is built on: `archive` (a minimal root of Debian 12), else from the registry, or
        made of Debian packages.
        """
        if archive:
            self.podman("import", str(archive), LOCAL_IMAGE, seconds=300)
            return LOCAL_IMAGE
        try:
            self.podman("pull", "--quiet", REGISTRY_IMAGE, seconds=120)
            return REGISTRY_IMAGE
        except Failed as failed:
            refused = end_of(str(failed), 1)
        archive = self.scratch / "base.tar"
        try:
            run(["mmdebstrap", "--quiet", "--variant=minbase", "--include=ca-certificates", "bookworm", str(archive)],
                600, self.environment)
            self.podman("import", str(archive), LOCAL_IMAGE, seconds=300)
        except Failed as failed:
            raise Unavailable(f"no registry ({refused}), and: {' '.join(str(failed).splitlines())}") from None
        finally:
            archive.unlink(missing_ok=True)
        return LOCAL_IMAGE

    def try_container(self, image: str) -> None:
        """Raises Unavailable when not even `true` runs."""
        try:
            self.podman("run", "--rm", "--network", "none", image, "true")
        except Failed as failed:
            where = "in a chroot: " if os.environ.get(CHROOT) else ""
            raise Unavailable(where + " ".join(str(failed).splitlines())) from None

    def build(self, base: str, target: str, tag: str) -> None:
        """Without layers in the store: vfs would copy the whole image for each."""
        self.podman("build", "--isolation", "chroot", "--network", "host", "--pull=never", "--layers=false",
                    "--build-arg", f"BASE={base}", "-f", str(TOP / "docker" / "Dockerfile"), "--target", target,
                    "-t", tag, str(TOP), seconds=900)

    # ---- The socket that docker-compose talks to ----

    def start_service(self) -> None:
        self.log = open(self.scratch / "service.log", "w")
        self.service = subprocess.Popen(["podman", "system", "service", "--time", "0", f"unix://{self.socket}"],
                                        stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log,
                                        env=self.environment, start_new_session=True)
        deadline = time.monotonic() + 30
        while not self.socket.exists():
            if self.service.poll() is not None or time.monotonic() > deadline:
                text = (self.scratch / "service.log").read_text(errors="replace")
                raise Unavailable(f"podman system service: {end_of(text, 3)}")
            time.sleep(0.1)

    def stop(self) -> None:
        """Containers, service, mounts; the folder itself goes when the namespaces have."""
        self.podman("rm", "--force", "--all", "--time", "2", check=False)
        if self.service and self.service.poll() is None:
            self.service.send_signal(signal.SIGTERM)
            try:
                self.service.wait(10)
            except subprocess.TimeoutExpired:
                self.service.kill()
