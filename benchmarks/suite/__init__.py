"""Benchmarks for asv: what the program's parts cost (time), and what the solvers need (track)."""
