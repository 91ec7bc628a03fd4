"""The program ``algollm``: the only part of the package that talks to a terminal.

``cli`` is the door, where ``options`` turns words into a plan, ``paths`` names into
paths and ``terminal`` answers mistakes. ``commands`` carries a plan out. Texts come
from ``sources``; ``overview`` says what is in them, ``unknown`` what a model does not
know. ``claims`` prints what the book has found.

For training, ``start`` finds where it begins and ``session`` makes it, with
``progress`` to watch, ``held_out`` to measure and ``signals`` to stop it. ``settings``
decide a run, ``checkpoint`` is its file; ``output`` sees that it harms no other,
``atomic`` writes it whole and ``lock`` keeps it for one process.
"""
