"""Gradient against derivative-free optimisation, measured on maps made of distances."""

__version__ = "0.1.0"
