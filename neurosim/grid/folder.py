"""The folder of a grid: manifest, points, batches, failures and locks, and who may write."""

import contextlib
import json
import shutil
import uuid
from pathlib import Path

from neurosim.errors import DataError, NeurosimError
from neurosim.grid.definition import FORMAT, FORMAT_VERSION
from neurosim.grid.lock import Lock, waiting
from neurosim.traces.folder import RunFolder
from neurosim.traces.header import VERSIONS, run_header
from neurosim.traces.storage import put_in_place

__all__ = ["GridFolder", "GridFolderError", "is_grid"]

_POINTS_PER_FOLDER = 1000
_LOCKS = "locks"


class GridFolderError(NeurosimError, OSError):
    """The folder of a grid is none, is another grid's, or is in use."""


def is_grid(path):
    """Return whether a path is the folder of a grid.

    Examples
    --------
    >>> from neurosim.grid.folder import is_grid
    >>> is_grid("missing")
    False
    """
    return (Path(path) / "grid.json").is_file()


class GridFolder:
    """Names of what a grid keeps, and its locks.

    Parameters
    ----------
    path : str or Path

    Attributes
    ----------
    path, manifest, results : Path
    logs : Path
        Folder of what the workers of this process print.
    token : str
        Marks what this process writes.
    """

    def __init__(self, path):
        self.path = Path(path).resolve()
        self.manifest = self.path / "grid.json"
        self.results = self.path / "results.nc"
        self.token = uuid.uuid4().hex[:12]
        self.logs = self.path / "logs"
        self._n_batches = 0

    def point(self, number):
        """Return the path of a point's trace file."""
        return self._numbered("points", number, ".h5")

    def failure(self, number):
        """Return the path of the report of a point that failed."""
        return self._numbered("failures", number, ".txt")

    def _numbered(self, kind, number, suffix):
        part = f"{number // _POINTS_PER_FOLDER:03d}"
        return self.path / kind / part / f"{number:06d}{suffix}"

    def new_batch(self):
        """Return the path of the next batch; those of a process follow each other by name."""
        self._n_batches += 1
        return self.path / "batches" / f"{self.token}-{self._n_batches:08d}.h5"

    def batches(self):
        """Return the paths of all batches, whoever wrote them."""
        return sorted((self.path / "batches").glob("*.h5"))

    def content(self):
        """Return what the manifest holds.

        Raises
        ------
        GridFolderError
            Where there is none.
        DataError
            Where it is damaged, or newer than this program.
        """
        try:
            content = json.loads(self.manifest.read_text(encoding="utf-8"))
            is_ours = content["format"] == FORMAT
        except FileNotFoundError:
            raise GridFolderError(
                f"{self.path} is not the folder of a grid: it has no grid.json"
            ) from None
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise DataError(f"{self.manifest} cannot be read: {error}") from error
        if not is_ours or content["format_version"] > FORMAT_VERSION:
            raise DataError(
                f"{self.manifest} must have format {FORMAT!r}, version {FORMAT_VERSION} or less; "
                f"got {content['format']!r}, {content.get('format_version')!r}"
            )
        return content

    def check(self, definition, *, resume, shard):
        """Raise unless the grid may be computed here; nothing is written.

        Parameters
        ----------
        definition : Definition
        resume : bool
        shard : tuple of int or None

        Raises
        ------
        GridFolderError
        """
        if self.path.exists() and not self.path.is_dir():
            raise GridFolderError(f"{self.path} is a file; expected a folder")
        if not self.path.parent.is_dir():
            raise GridFolderError(
                f"cannot write {self.path}: folder {self.path.parent} does not exist"
            )
        if self.manifest.exists():
            difference = definition.difference(self.content())
            if difference:
                raise GridFolderError(f"{self.path} holds another grid: {difference}")
            if not resume and shard is None:
                raise GridFolderError(
                    f"{self.path} holds this grid already; --resume goes on with it"
                )
        # A process that was killed before it wrote the manifest leaves its lock.
        elif self.path.is_dir() and {path.name for path in self.path.iterdir()} - {_LOCKS}:
            raise GridFolderError(
                f"{self.path} is not the folder of a grid and not empty; choose another"
            )

    @contextlib.contextmanager
    def claimed(self, definition, *, resume, shard):
        """Hold the lock of the whole grid, or of a shard; write the manifest where it is missing.

        Parameters
        ----------
        definition : Definition
        resume : bool
        shard : tuple of int or None
            Number, from 1, and number of shards.

        Raises
        ------
        GridFolderError
            Where another process computes the same points, or the folder is another grid's.
        """
        self.check(definition, resume=resume, shard=shard)
        lock = self._take(definition, resume, shard)
        try:
            yield self
        finally:
            lock.release()

    def _take(self, definition, resume, shard):
        number, count = shard or (1, 1)
        (self.path / _LOCKS).mkdir(parents=True, exist_ok=True)
        with waiting(self.path / _LOCKS / "start"):
            # Again, now that no other process can come between.
            if self.manifest.exists():
                self.check(definition, resume=resume, shard=shard)
            lock = Lock(self.path / _LOCKS / f"shard-{number}-of-{count}")
            if not lock.try_to_take():
                whole = "this grid" if shard is None else f"shard {number}/{count} of this grid"
                raise GridFolderError(f"{self.path}: {whole} is being computed by another process")
            try:
                self._check_other_shards(count)
                if not self.manifest.exists():
                    self._write_manifest(definition)
                for part in ("batches", *(["points"] * (not definition.metrics_only))):
                    (self.path / part).mkdir(exist_ok=True)
            except BaseException:
                lock.release()
                raise
        self.logs = self.path / "logs" / lock.path.name
        return lock

    def _check_other_shards(self, count):
        for path in (self.path / _LOCKS).glob("shard-*"):
            other = int(path.name.rpartition("-")[2])
            lock = Lock(path)
            if other != count and not lock.try_to_take():
                parts = "as a whole" if other == 1 else f"in {other} shards"
                raise GridFolderError(
                    f"{self.path}: this grid is being computed {parts} by another process"
                )
            lock.release()

    def _write_manifest(self, definition):
        seed = definition.values(0)["seed"]
        header = run_header(definition.protocol.name, {}, seed)
        about = {key: header[key] for key in (*VERSIONS, "cpu", "created", "git_commit")}
        content = json.loads(definition.as_json()) | {"about": about}
        scratch = self.path / _LOCKS / f"{self.token}.part"
        put_in_place(json.dumps(content).encode(), self.manifest, scratch)

    def report(self, number, text):
        """Keep the report of a point that failed."""
        path = self.failure(number)
        path.parent.mkdir(parents=True, exist_ok=True)
        put_in_place(text.encode(errors="replace"), path, path.with_suffix(f".{self.token}.part"))

    def forget_report(self, number):
        """Remove the report of a point that is done now."""
        self.failure(number).unlink(missing_ok=True)

    def clean(self, is_ours):
        """Remove what killed processes left: half-written files, and logs of their workers.

        Parameters
        ----------
        is_ours : callable
            Tells of a point's number whether this process computes it.
        """
        for scratch in [*self.path.glob("points/*/*.part"), *self.path.glob("failures/*/*.part")]:
            if is_ours(int(scratch.name.partition(".")[0])):
                scratch.unlink(missing_ok=True)
        shutil.rmtree(self.logs, ignore_errors=True)
        for folder in self.path.glob("points/*/*.part.d"):
            if is_ours(int(folder.name.partition(".")[0])):
                RunFolder(folder.with_suffix("")).remove()

    def wait_for_results(self):
        """Return a context in which this process alone renews the results."""
        return waiting(self.path / _LOCKS / "results")

    def results_lock(self):
        """Return the lock under which the results are renewed."""
        return Lock(self.path / _LOCKS / "results")
