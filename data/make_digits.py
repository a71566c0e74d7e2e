"""Make digits.csv.gz: 1,797 images of handwritten digits, 8 by 8 pixels, with their classes.

The images are the test set of the UCI data set "Optical Recognition of Handwritten Digits", as distributed in
scikit-learn 1.9.1. Takes a second.

    python data/make_digits.py
"""

import gzip
from pathlib import Path

import numpy as np
from sklearn.datasets import load_digits

DATA = Path(__file__).parents[1] / "src" / "mdsbench" / "data"


def main() -> None:
    pixels, classes = load_digits(return_X_y=True)
    rows = np.column_stack([classes, pixels]).astype(np.uint8)
    text = "\n".join(",".join(map(str, row)) for row in rows) + "\n"
    (DATA / "digits.csv.gz").write_bytes(gzip.compress(text.encode(), 9, mtime=0))


if __name__ == "__main__":
    main()
