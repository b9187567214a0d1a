"""The product's settings with cheap hashes and plain static files. DATABASE_URL picks the database under test."""

import atexit
import os
import shutil
import sys
import tempfile
from pathlib import Path

if "DATA_DIR" not in os.environ:
    os.environ["DATA_DIR"] = tempfile.mkdtemp(prefix="gatepass-test-")
    atexit.register(shutil.rmtree, os.environ["DATA_DIR"], ignore_errors=True)
if "PYTEST_XDIST_WORKER" in os.environ and "pytest" in sys.modules:
    # A folder for each process of the tests, as for each machine: one holds its lock while another restores a backup.
    os.environ["DATA_DIR"] = str(Path(os.environ["DATA_DIR"], os.environ["PYTEST_XDIST_WORKER"]))
os.environ.setdefault("ARGON2_MEMORY_KIB", "64")
os.environ.setdefault("ARGON2_TIME_COST", "1")
os.environ.setdefault("LOG_LEVEL", "WARNING")
os.environ.setdefault("ALLOWED_HOSTS", "localhost,127.0.0.1,testserver")

from config.settings import *

STORAGES = {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True
