"""The solvers. Importing this package registers them all."""

from mdsbench.solvers import direct, first_order

__all__ = ["direct", "first_order"]
