"""Ideas that came after the essays, each tried on something small.

Lab: ``chapters/after.ipynb``. One module for each idea; ``experiments`` names those of
which long runs are kept in ``data/after.json``, and ``make after`` makes them anew.
"""
