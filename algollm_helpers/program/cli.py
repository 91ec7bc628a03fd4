"""The program ``algollm``: train a small GPT on a text, let it write, evaluate it.

It also says what a training run suffers from, and what the book found about its claims.

It answers what it cannot do with one line on stderr and exit code 2. Ctrl-C ends a
training run with exit code 130, after the update at hand and a save, and so do
SIGTERM, SIGHUP and SIGXCPU with theirs. A run that diverges ends with 1. Of several
processes that train together, the first one alone reads, prints and saves.
"""

import os
import sys
from collections.abc import Sequence

from algollm_helpers.program.options import parse
from algollm_helpers.program.terminal import (
    INTERRUPTED,
    PIPE_CLOSED,
    complain,
    ready_streams,
    without_stdout,
)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the program with `argv`, by default the command line; return its exit code.

    Wrong use of an option leaves by SystemExit, as argparse does.
    """
    ready_streams()
    plan = parse(argv)
    try:
        from algollm_helpers.program.commands import carry_out  # --help does without

        code = carry_out(plan)
        sys.stdout.flush()
        return code
    except KeyboardInterrupt:
        return complain("interrupted", INTERRUPTED)
    except BrokenPipeError:  # the reader of our output, say `head`, has left
        return without_stdout(PIPE_CLOSED)
    except MemoryError as error:
        return complain(f"out of memory: {error}")
    except OSError as error:
        reason = error.strerror or str(error)
        where = f"{os.fspath(error.filename)!r}: " if error.filename else ""
        return without_stdout(complain(where + reason))
    except ValueError as error:
        return complain(str(error))
