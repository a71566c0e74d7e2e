"""The solvers. Importing this package registers them all."""

from mdsbench.solvers import adaptive, direct, first_order, majorize, momentum

__all__ = ["adaptive", "direct", "first_order", "majorize", "momentum"]
