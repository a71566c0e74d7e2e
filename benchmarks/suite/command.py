"""What a user waits for."""

import subprocess
import sys


def time_help() -> None:
    """`mdsbench --help`, the whole process."""
    subprocess.run([sys.executable, "-m", "mdsbench", "--help"], check=True, capture_output=True)
