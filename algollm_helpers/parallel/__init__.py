"""Several processes, called ranks, that train one model together, by MPI.

``mpi`` starts them, ``segments`` clears away what they leave in memory, ``watch`` sees
which does not come. Each rank has a copy of the model in ``data_parallel``, a part of
every layer in ``tensor_parallel``, some of the layers in ``pipeline``; ``hybrid`` joins
the first two. ``demos`` is what the chapter on scale runs.
"""
