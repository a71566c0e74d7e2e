"""What a user installs: the wheel, outside any checkout."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.mark.slow
def test_an_installed_wheel_finds_its_data_and_runs(tmp_path: Path) -> None:
    site = tmp_path / "site"
    pip = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--target", str(site), str(ROOT)]
    subprocess.run(pip, check=True, capture_output=True)
    command = [sys.executable, "-m", "mdsbench", "--cities", "6", "--starts", "1", "--no-animation"]
    environment = {**os.environ, "PYTHONPATH": str(site)}
    result = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True)
    assert "honest, 6 cities" in result.stdout
    assert (tmp_path / "reports" / "reproduction" / "index.html").is_file()
    where = subprocess.run(
        [sys.executable, "-c", "from mdsbench.problems.data_files import data_file; print(data_file('cities.csv'))"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert where.stdout.startswith(str(site))
