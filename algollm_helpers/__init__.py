"""The tested code behind AlgoLLM.

Each chapter imports the module of its own name; what it needs beside that lies next
to it or in a wing, a folder below. In reading order:

====================  =============================================================
closed_form           1  ``small_net``, ``curvature``
loss                  2
descent               3  ``grounds``
backprop              4  ``graph_picture``, ``engine/``
learning_rate         5  ``adam``, ``schedules``, ``heavy_ball``, ``ravine``
microgpt              6  ``gpt/``
scale                 7  ``precision``, ``cost_model``, ``pipeline_schedule``,
                         ``parallel/``
clinic                8  ``clinic_loop``, ``clinic_faults``; what reads their runs,
                         ``clinic_run``, ``clinic_signs``, ``clinic_table``,
                         ``clinic_rule``; ``clinic_ward``
--------------------  -------------------------------------------------------------
``engine/``           arrays that know how to differentiate: chapter 4, made fast
``gpt/``              text, the model on the engine, its training, what to beat
``parallel/``         several processes that train together, by MPI
``after/``            ideas that came after the essays, and their long runs
``program/``          the command ``algollm``
``book/``             what notebooks and pages are made with; no mathematics
====================  =============================================================

``arrays`` and ``checks`` lie below all of them. Who may import whom is a table in
``tests/project/test_imports.py``.
"""
