"""The cities and the starts of benchmarks/campaigns/overhead.py, for benchopt."""

from typing import Any, ClassVar

from benchopt import BaseDataset

from mdsbench.problems import problem, starts


class Dataset(BaseDataset):
    name = "Cities"
    parameters: ClassVar[dict[str, list[int]]] = {"cities": [6, 15], "seed": list(range(100))}

    def get_data(self) -> dict[str, Any]:
        task = problem.find(f"cities-{self.cities}")
        return {"value": task.value, "x0": starts.uniform(task, seed=self.seed)}
