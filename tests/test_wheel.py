"""What a user installs: the wheel, outside any checkout."""

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def test_every_file_of_data_is_in_the_wheel_but_the_tuning() -> None:
    wheel = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]["targets"]["wheel"]
    files = {
        f"data/{path.name}" for path in (ROOT / "data").iterdir() if path.suffix in (".csv", ".gz", ".json", ".md")
    }
    assert set(wheel["force-include"]) == files - {"data/tune_differential_evolution.csv"}
    assert all(inside == f"mdsbench/{file}" for file, inside in wheel["force-include"].items())


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
        [sys.executable, "-c", "from mdsbench import places; print(places.data_file('cities.csv'))"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert where.stdout.startswith(str(site))
