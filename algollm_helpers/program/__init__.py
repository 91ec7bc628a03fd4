"""The program ``algollm``: the only part of the package that talks to a terminal.

``cli`` is the door, where ``options`` turns words into one of the ``plans``, ``paths``
names into paths and ``terminal`` answers mistakes. ``commands`` carries a plan out.
Texts come from ``sources``; ``overview`` says what is in them, ``unknown`` what a model
does not know. ``claims`` prints what the book has found.

For training, ``start`` finds where it begins and ``session`` makes it, with
``progress`` to watch, ``held_out`` to measure and ``signals`` to stop it. ``settings``
decide a run, ``checkpoint`` is its file; ``output`` sees that it harms no other,
``atomic`` writes it whole and ``lock`` keeps it for one process.

What is measured in each step goes into a ``run_log``, and ``signs`` says what shows in
it. ``run_table`` reads such a file of any program, ``diagnosing`` tells what the run
suffers from, and ``run_figure`` draws it.
"""
