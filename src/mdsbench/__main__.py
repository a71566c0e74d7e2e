"""`python -m mdsbench` is the command `mdsbench`."""

import sys

from mdsbench.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
