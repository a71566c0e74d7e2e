"""The version of the package, read by everything that records what made a result."""

__version__ = "0.1.0"
