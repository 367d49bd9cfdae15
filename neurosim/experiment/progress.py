"""How far a run has come, where someone watches."""

import sys

from tqdm.auto import tqdm

from neurosim.cancellation import check

__all__ = ["Progress", "say"]


class Progress:
    """A progress bar as a context manager.

    It is shown in a terminal, on standard error, and in a notebook; never in a log file or a pipe,
    where it would be thousands of lines.

    Parameters
    ----------
    total : int
        Steps that there are.
    description : str
    is_wanted : bool
        Whether to show it at all.

    Examples
    --------
    >>> from neurosim.experiment.progress import Progress
    >>> with Progress(2, "learning", is_wanted=False) as bar:
    ...     bar.update(2)
    ...     bar.set(loss=0.1)
    >>> bar.done
    2
    """

    def __init__(self, total, description="", *, is_wanted=True):
        self.total = total
        self.description = description
        self.done = 0
        self._bar = tqdm(
            total=total,
            desc=description or None,
            disable=not (is_wanted and _is_watched()),
            leave=False,
            # tqdm takes the stream as it stands now, not as it stood at import.
            file=sys.stderr,
        )

    def update(self, n=1):
        """Move on by `n` steps; where the run has been told to end, it ends here."""
        check()
        self.done += n
        self._bar.update(n)

    def set(self, **values):
        """Show values behind the bar, e.g. ``bar.set(loss=0.1)``."""
        self._bar.set_postfix(values)

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self._bar.close()


def say(text):
    """Print a line to standard output without breaking a bar, at once."""
    tqdm.write(str(text), file=sys.stdout)
    sys.stdout.flush()


def _is_watched():
    return sys.stderr.isatty() or "ipykernel" in sys.modules
