"""A store of 100,000 cells: its size per run, and how long `status` and a warm resume take.

python benchmarks/campaigns/scale.py
"""

import argparse
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from time import perf_counter

from mdsbench.campaigns import plan
from mdsbench.runs.execute import attempt
from mdsbench.store.encoding import thin
from mdsbench.store.store import Store

CAMPAIGN = """
problems = ["cities-6", "cities-15"]
solvers = ["gd", "nelder-mead"]
starts = ["uniform"]
repetitions = {}
calls_per_variable = 200
gtol = 1e-6
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--cells", type=int, default=100_000)
    cells = parser.parse_args().cells
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        campaign, path = folder / "scale.toml", folder / "scale.sqlite"
        campaign.write_text(CAMPAIGN.format(cells // 4))
        listed = plan.load(str(campaign))
        kinds = {(cell.problem, cell.solver): cell for cell in listed.cells}
        examples = {kind: thin(attempt(cell), listed.snapshots) for kind, cell in kinds.items()}
        began = perf_counter()
        with Store.open(path) as store:
            store.list_cells(listed.name, listed.text, listed.keyed(), "{}", 2)
            print(f"the cells of {len(listed.cells)} listed in {perf_counter() - began:.1f} s")
            began = perf_counter()
            for cell in listed.cells:
                store.put(replace(examples[cell.problem, cell.solver], cell=cell))
        print(f"a run put in {(perf_counter() - began) / len(listed.cells) * 1000:.2f} ms")
        print(f"{path.stat().st_size / len(listed.cells) / 1000:.1f} kB a run, {path.stat().st_size / 1e6:.0f} MB")
        for words in (["status", str(path)], ["run", str(campaign), "--store", str(path)]):
            seconds = min(timed(words) for _ in range(3))
            print(f"mdsbench {words[0]}: {seconds:.2f} s")


def timed(arguments: list[str]) -> float:
    began = perf_counter()
    subprocess.run([sys.executable, "-m", "mdsbench", *arguments], check=True, stdout=subprocess.DEVNULL)
    return perf_counter() - began


if __name__ == "__main__":
    main()
