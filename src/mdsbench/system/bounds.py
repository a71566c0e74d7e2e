"""Bounds of numbers that a person gives, wherever they are given."""

INTEGERS = range(-(2**63), 2**63)  # what a store keeps
MOST_JOBS = 1_000  # worker processes
MOST_SECONDS = 10**9  # of a time limit: thirty years
