"""The program ``algollm``: the only part of the package that talks to a terminal."""
