#!/usr/bin/env python3
import os
import sys

from config.command_line import run

if __name__ == "__main__":
    os.umask(0o077)  # a database, a backup, an export: what any command writes is for its owner alone
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    run(sys.argv)
