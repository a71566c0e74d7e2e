"""What the server that worker processes are forked from has imported and loaded, once for all of them."""

from mdsbench.problems.problem import find
from mdsbench.runs.execute import execute as execute  # registers what runs can name

find("cities-4").prepare()
