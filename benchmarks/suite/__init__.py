"""Benchmarks for asv: what the program's parts cost (time, peakmem), and what the solvers need (track)."""

from mdsbench.execution import preload  # noqa: F401 - asv forks a process for every number: so none has to load the kernels anew
