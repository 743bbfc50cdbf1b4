"""Filling: the data sets of a mapping, and the figures that go into them."""
