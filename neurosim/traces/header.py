"""The root attributes by which a trace file says where it came from."""

import functools
import json
import math
import platform
import subprocess
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from numbers import Integral, Real
from pathlib import Path

import numpy as np

from neurosim._version import __version__
from neurosim.errors import ParameterError

__all__ = ["FORMAT", "FORMAT_VERSION", "REQUIRED", "VERSIONS", "parameters_json", "run_header"]

FORMAT = "neurosim-trace"
FORMAT_VERSION = 1
VERSIONS = ("neurosim", "brian2", "numpy", "numba", "python")
REQUIRED = (
    *("run", "protocol", "parameters", "seed", *VERSIONS, "cpu", "created"),
    *("git_commit", "wall_time_s", "complete"),
)


def run_header(protocol, parameters, seed):
    """Return the root attributes of a run that begins now.

    Parameters
    ----------
    protocol : str
        Name of the protocol.
    parameters : mapping
        Its parameters; see `parameters_json`.
    seed : int
        0 ≤ seed < 2**64.

    Returns
    -------
    dict
        ``format``, ``format_version``, ``run`` (unique), ``protocol``, ``parameters``, ``seed``,
        versions, ``cpu``, ``created`` (ISO 8601, UTC), ``git_commit`` of the working folder ('' if
        none), ``wall_time_s`` 0, ``complete`` 0, and SONATA's ``magic`` and ``version``.

    Raises
    ------
    ParameterError
        Where one of the three is not of its type or range.

    Examples
    --------
    >>> from neurosim.traces.header import run_header
    >>> run_header("sequential_digits", {"tasks": 10}, seed=0)["parameters"]
    '{"tasks": 10}'
    """
    if not isinstance(protocol, str) or not protocol or "\0" in protocol:
        raise ParameterError(f"protocol must be a non-empty string; got {protocol!r}")
    if not isinstance(seed, Integral) or isinstance(seed, bool) or not 0 <= seed < 2**64:
        raise ParameterError(f"seed must be an integer with 0 <= seed < 2**64; got {seed!r}")
    return {
        "format": FORMAT,
        "format_version": FORMAT_VERSION,
        # SONATA's own mark and version of its layout.
        "magic": np.uint32(0x0A7A),
        "version": np.array([0, 1], dtype=np.uint32),
        "run": uuid.uuid4().hex,
        "protocol": protocol,
        "parameters": parameters_json(parameters),
        "seed": np.int64(seed) if seed < 2**63 else np.uint64(seed),
        "neurosim": __version__,
        **{package: _version_of(package) for package in ("brian2", "numpy", "numba")},
        "python": platform.python_version(),
        "cpu": _cpu(),
        "created": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "git_commit": _git_commit(),
        "wall_time_s": 0.0,
        "complete": 0,
    }


def parameters_json(parameters):
    """Return parameters as JSON that any parser reads.

    Quantities and other objects become their text, arrays lists, and NaN and infinities the
    strings ``"nan"``, ``"inf"`` and ``"-inf"``, for which JSON has no number.

    Parameters
    ----------
    parameters : mapping of str

    Returns
    -------
    str

    Raises
    ------
    ParameterError
        Where `parameters` is no mapping, or contains itself.

    Examples
    --------
    >>> import numpy as np
    >>> from neurosim.traces.header import parameters_json
    >>> parameters_json({"rates": np.array([0.5, np.nan]), "model": "hlop", "scale": None})
    '{"rates": [0.5, "nan"], "model": "hlop", "scale": null}'
    """
    if not isinstance(parameters, Mapping):
        raise ParameterError(f"parameters must be a mapping from names; got {parameters!r}")
    try:
        # ASCII, because HDF5 cuts text at a NUL and cannot encode half a surrogate pair.
        return json.dumps(_plain(parameters), allow_nan=False)
    except RecursionError:
        raise ParameterError("parameters must not contain themselves") from None


def _plain(value):
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, np.bool_):
        return bool(value)
    if getattr(value, "dim", None) is not None and not getattr(value, "is_dimensionless", True):
        return str(value)
    if isinstance(value, Integral):
        return int(value)
    if isinstance(value, Real):
        number = float(value)
        return number if math.isfinite(number) else str(number)
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, np.ndarray):
        return _plain(value.tolist())
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, set | frozenset):
        return sorted((_plain(item) for item in value), key=str)
    return str(value)


@functools.cache  # what is imported stays what it is, and asking takes longer than a small run
def _version_of(package):
    try:
        return version(package)
    except PackageNotFoundError:
        return ""


@functools.cache
def _cpu():
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def _git_commit():
    command = ["git", "rev-parse", "--verify", "HEAD"]
    try:
        answer = subprocess.run(command, capture_output=True, text=True, timeout=10)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return answer.stdout.strip() if answer.returncode == 0 else ""
