"""Choose versions anew and write both lock files: `make lock`."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
COMPILE = [sys.executable, "-m", "piptools", "compile", "--quiet", "--upgrade", "--generate-hashes", "--strip-extras"]
COMPILE += ["--allow-unsafe", "--no-emit-index-url", "--no-emit-find-links", "--no-emit-trusted-host"]

# The second is held to the first, so that tests run what production runs.
for arguments in (["requirements.in"], ["--constraint=requirements.lock", "requirements-dev.in"]):
    output = Path(arguments[-1]).with_suffix(".lock")
    print(f"lock: {output}", flush=True)
    subprocess.run([*COMPILE, f"--output-file={output}", *arguments], cwd=ROOT, check=True)
