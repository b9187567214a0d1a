"""Ask the operating system for a package, when we may."""

import os
import shutil
import subprocess


def apt_install(package: str) -> bool:
    """Install a Debian package as root or through passwordless sudo; say whether that worked."""
    if not shutil.which("apt-get"):
        return False
    if os.geteuid() == 0:
        become_root: list[str] = []
    elif shutil.which("sudo") and quiet(["sudo", "-n", "true"]):
        become_root = ["sudo", "-n"]
    else:
        return False
    apt_get = [*become_root, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq"]
    quiet([*apt_get, "update"])
    return quiet([*apt_get, "install", "-y", "--no-install-recommends", package])


def quiet(command: list[str]) -> bool:
    return subprocess.run(command, capture_output=True, check=False).returncode == 0
