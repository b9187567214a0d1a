"""``manage.py serve``: make everything ready, then run the web server and the worker until told to stop."""

import gc
import logging
import multiprocessing
import os
import signal
import socket
import sys
import threading
from functools import partial
from hashlib import sha256
from multiprocessing.context import ForkProcess
from pathlib import Path
from typing import Any, NoReturn

from django.conf import settings
from django.core import checks
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import DatabaseError, connections
from gunicorn.app.base import BaseApplication  # type: ignore[import-untyped]  # gunicorn has no types
from gunicorn.glogging import Logger  # type: ignore[import-untyped]

from config.running import InUse, holding
from core import logs, metrics
from core.outages import in_words, outage_of

log = logging.getLogger("gatepass.serve")
FORK = multiprocessing.get_context("fork")  # children start from what is loaded already
PATIENCE = 30  # seconds a request may take to finish when the server stops


class WebLog(Logger):  # type: ignore[misc]
    """Gunicorn's own lines, written as ours are, and without what a request said."""

    def setup(self, cfg: Any) -> None:
        """Hand every line to the log of the product. Requests are noted by the product itself."""
        self.cfg = cfg
        self._access_log_enabled = False
        self.error_log.setLevel(logging.WARNING)
        self.error_log.propagate = True

    def warning(self, msg: str, *args: Any, **kwargs: Any) -> None:
        """Leave out of a malformed request which line was wrong: it may be the one with the secret."""
        super().warning(msg.partition(": ")[0] if msg.startswith("Invalid request from") else msg, *args, **kwargs)

    def exception(self, msg: str, *args: Any, **kwargs: Any) -> None:
        """Leave out of a request that failed what it asked for."""
        super().exception(*("Error handling request",) if msg.startswith("Error handling request") else (msg, *args))


class WebServer(BaseApplication):  # type: ignore[misc]
    """Gunicorn on our application, without a configuration file. ``bind`` is what it listens on."""

    def __init__(self, bind: str) -> None:
        self.bind = bind
        super().__init__()

    def load_config(self) -> None:
        """Set what the environment says."""
        for name, value in {
            "bind": self.bind,
            "workers": settings.WEB_WORKERS,
            "threads": settings.WEB_THREADS,
            "worker_class": "gthread",
            "graceful_timeout": PATIENCE,
            "timeout": 60,
            "keepalive": 30,
            "limit_request_line": 4094,
            "logger_class": WebLog,
            "child_exit": lambda _server, worker: metrics.forget_process(worker.pid),
            "control_socket_disable": True,
            # A terminal sends Ctrl-C to all of us; the supervisor alone decides what it means.
            "when_ready": _leave_to_the_supervisor,
            "post_worker_init": _leave_to_the_supervisor,
            "forwarded_allow_ips": "",
            "preload_app": True,
            "proc_name": "gatepass",
        }.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        """Return the application."""
        from config.wsgi import application  # noqa: PLC0415  loads the URLs; only the web server needs them

        gc.freeze()  # what is loaded stays; no worker need look through it again, nor copy its pages by doing so
        return application


class Command(BaseCommand):
    """One supervisor for both. If the web server ends, everything ends; a worker that dies is started again."""

    help = "Prepare the database and the static files, then serve until Ctrl-C."

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Prepare, say where, serve."""
        self._refuse_what_is_unsafe()
        try:
            with holding(alone=False):
                self._serve()
        except InUse:
            self._refuse("a restore is under way.")
        except DatabaseError as error:
            outage = outage_of(error)
            if outage is None:
                raise
            self._refuse(in_words(outage, error))
        except OSError as error:
            self._refuse(f"DATA_DIR must be a folder this process may write to, with room in it: {error}.")

    def _refuse(self, why: str, status: int = 1) -> NoReturn:
        self.stderr.write(f"Gatepass cannot start: {why}")
        raise SystemExit(status) from None

    def _serve(self) -> None:
        bind = listening()
        if not bind.startswith("fd:"):
            self._refuse_what_is_taken(bind)
        logs.take_everything()
        metrics.share(Path(settings.DATA_DIR) / "metrics" / str(settings.PORT))
        call_command("migrate", verbosity=0, interactive=False)
        self._collect_static_files()
        if settings.IS_LOCAL:
            call_command("seed_demo", if_empty=True, stdout=self.stdout)
        connections.close_all()
        self.stdout.write(f"Gatepass is at {settings.PUBLIC_URL}  (Ctrl-C stops it)")
        self.stdout.flush()
        sys.exit(supervise(bind))

    def _refuse_what_is_unsafe(self) -> None:
        """Stop with one line where `check --deploy` finds anything about security, a warning too. Not on localhost."""
        found = [] if settings.IS_LOCAL else checks.run_checks(tags=["security"], include_deployment_checks=True)
        for problem in found:
            if not problem.is_silenced():
                self._refuse(f"{problem.id}: {' '.join(problem.msg.split())}", 2)

    def _refuse_what_is_taken(self, address: str) -> None:
        """Stop with one line where nobody can listen, which Gunicorn would try again and again."""
        family = socket.AF_INET6 if ":" in settings.HOST else socket.AF_INET
        try:
            socket.create_server((settings.HOST, settings.PORT), family=family).close()
        except OSError as error:
            self._refuse(f"HOST and PORT name an address that cannot be listened on: {address}: {error.strerror}.")

    def _collect_static_files(self) -> None:
        """Hash and compress the static files, if they are not those of the last start."""
        stamp = Path(settings.STATIC_ROOT) / ".made-of"
        sources = sorted(path for path in Path(settings.BASE_DIR, "static").rglob("*") if path.is_file())
        made_of = sha256()
        for path in sources:
            made_of.update(f"{path}{path.stat().st_mtime_ns}{path.stat().st_size}".encode())
        if stamp.exists() and stamp.read_text(encoding="utf-8") == made_of.hexdigest():
            return
        call_command("collectstatic", verbosity=0, interactive=False, clear=True)
        stamp.write_text(made_of.hexdigest(), encoding="utf-8")


def listening() -> str:
    """Return what to listen on, in Gunicorn's words: the socket that systemd opened for us (sd_listen_fds(3)), which keeps
    those who come while we are started again, else HOST and PORT.
    """
    if os.environ.get("LISTEN_PID") == str(os.getpid()) and os.environ.get("LISTEN_FDS") == "1":
        return "fd://3"
    return f"[{settings.HOST}]:{settings.PORT}" if ":" in settings.HOST else f"{settings.HOST}:{settings.PORT}"


def supervise(bind: str) -> int:
    """Run both until the web server ends or a signal comes; return the exit status.

    Whoever is being served gets an answer, however it is told to stop; a second Ctrl-C does not wait for that.
    """
    stopping = threading.Event()
    web, worker = _start(partial(_serve, bind)), _start(_work)

    def stop(number: int, _frame: object) -> None:
        at_once = stopping.is_set() and number == signal.SIGINT
        stopping.set()
        for process in (web, worker):
            if process.pid is not None and process.is_alive():
                os.kill(process.pid, signal.SIGQUIT if at_once else signal.SIGTERM)

    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        if signal.getsignal(number) is not signal.SIG_IGN:  # nohup
            signal.signal(number, stop)
    while web.is_alive():
        web.join(timeout=1)
        if not worker.is_alive() and not stopping.is_set() and web.is_alive():
            log.error("the worker stopped; starting it again")
            metrics.forget_process(worker.pid or 0)
            worker = _start(_work)
    if worker.is_alive():
        worker.terminate()
    worker.join(PATIENCE)
    return 0 if stopping.is_set() else web.exitcode or 1


def _start(target: Any) -> ForkProcess:
    process = FORK.Process(target=target)
    process.start()
    return process


def _serve(bind: str) -> None:
    WebServer(bind).run()


def _leave_to_the_supervisor(_server_or_worker: object) -> None:
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)


def _work() -> None:
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    call_command("worker")
