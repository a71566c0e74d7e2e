"""What the server that worker processes are forked from has imported and loaded, once for all of them.

One run is executed: what a process does at its first run, its children need not do again.
"""

from mdsbench.oracle.account import Limits
from mdsbench.runs.cell import Cell
from mdsbench.runs.execute import execute

execute(Cell("cities-4", "gd", "published", Limits(calls=2)))
