"""What the server that worker processes are forked from has imported and loaded, once for all of them."""

from mdsbench.problem import find
from mdsbench.run import solvers as solvers  # registers what runs can name

find("cities-4").prepare()
