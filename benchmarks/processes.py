"""What the kernel says of processes: the CPU they took, and their memory."""

import os
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


def family(pid: int) -> list[int]:
    """Return a process and everything it started that still runs."""
    found = [pid]
    for parent in found:  # grows while it is walked
        for task in Path(f"/proc/{parent}/task").iterdir():
            found += [int(child) for child in (task / "children").read_text().split()]
    return found


def cpu_of(pid: int) -> float:
    """Return the seconds of CPU a process and its descendants took so far, those that ended included."""
    return sum(_cpu_of_one(member) for member in family(pid))


def machine_busy() -> float:
    """Return the seconds of CPU that anything on this machine took so far."""
    fields = [int(field) for field in Path("/proc/stat").read_text().splitlines()[0].split()[1:]]
    user, nice, system, _idle, _iowait, irq, softirq, steal = fields[:8]
    return (user + nice + system + irq + softirq + steal) / TICKS


def memory_of(pid: int, field: str) -> float:
    """Return a memory figure of a process in MiB: VmRSS now, VmHWM the highest since ``forget_highest``."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{field}:")) / 1024


def forget_highest(pid: int) -> None:
    """Begin the highest memory of a process anew."""
    Path(f"/proc/{pid}/clear_refs").write_text("5")


def parent_of(pid: int) -> int:
    """Return who started a process."""
    return int(_stat(pid)[1])


def name_of(pid: int) -> str:
    """Return the command line of a process."""
    return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()


def _cpu_of_one(pid: int) -> float:
    return sum(int(field) for field in _stat(pid)[11:15]) / TICKS


def _stat(pid: int) -> list[str]:
    """Return the fields of proc(5) stat behind the name: state, parent … utime, stime, cutime, cstime."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
