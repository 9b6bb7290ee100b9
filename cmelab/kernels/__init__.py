"""Compiled inner loops: arrays and random streams in, arrays filled, a status out. They never raise."""
