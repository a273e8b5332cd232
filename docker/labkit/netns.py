# SPDX-License-Identifier: MIT
"""A network namespace of one's own, in which every port is free. No mounts, so that it works in a chroot as well."""
from __future__ import annotations

import fcntl
import os
import shutil
import socket
import struct
import subprocess
import sys

MARK = "STOXD_LAB_NAMESPACE"
SIOCGIFFLAGS, SIOCSIFFLAGS, IFF_UP = 0x8913, 0x8914, 0x1


def loopback_up() -> None:
    """What `ip link set lo up` does, without iproute2."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        request = struct.pack("16sh14x", b"lo", 0)
        flags = struct.unpack("16sh14x", fcntl.ioctl(sock, SIOCGIFFLAGS, request))[1]
        fcntl.ioctl(sock, SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", flags | IFF_UP))


def inside() -> bool:
    return os.environ.get(MARK) == "1"


def enter() -> bool:
    """
    Runs this program again in a namespace, if one can be had; gives False when not (then the host's loopback is used). In the
    namespace it brings the loopback up and gives True.
    """
    if inside():
        loopback_up()
        return True
    if os.environ.get(MARK) == "0" or not shutil.which("unshare"):
        return False
    for options in (["--net"], ["--net", "--map-root-user"]):
        probe = subprocess.run(["unshare", *options, "true"], capture_output=True, timeout=10)
        if probe.returncode == 0:
            os.environ[MARK] = "1"
            sys.stdout.flush()
            os.execvp("unshare", ["unshare", *options, "--", sys.executable, *sys.orig_argv[1:]])
    return False
