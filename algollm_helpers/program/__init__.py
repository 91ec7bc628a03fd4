"""The program ``algollm``: the only part of the package that talks to a terminal.

``cli`` is the door, where ``options`` turns words into a plan and ``terminal`` answers
mistakes. ``commands`` carries a plan out; for training, ``start`` finds where it begins
and ``session`` makes it, with ``progress`` to watch and ``signals`` to stop it.
``settings`` decide a run, ``checkpoint`` is its file, ``atomic`` writes files whole.
"""
