"""A run under a limit on the size of files, as a script; its last line tells what happened.

Arguments: file, limit in bytes, and 'trusting' to skip the checks made before writing, so that the
write itself fails.
"""

import resource
import sys

import numpy as np

from neurosim.errors import TraceWriteError
from neurosim.traces import TraceWriter, merge, storage

N_CHUNKS = 20
CHUNK_VALUES = 8_000


def chunk(number):
    """Return values that do not compress well."""
    return np.random.default_rng(number).normal(size=CHUNK_VALUES)


def main(path, limit, trusting):
    if trusting:
        merge.check_room = storage.check_room = lambda path, n_bytes: None
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(limit), resource.RLIM_INFINITY))
    n_safe = 0
    try:
        with TraceWriter(path, protocol="limited", parameters={}, seed=0) as traces:
            for number in range(N_CHUNKS):
                traces.append("g/x", chunk(number), dims=("sample",), description="Noise")
                traces.append_spikes("exc", np.arange(100), np.arange(100) + 100.0 * number)
                traces.flush()
                n_safe += 1
    except TraceWriteError as error:
        print(error)
        print("failed after", n_safe)
        sys.exit(error.exit_status)
    print("finished after", n_safe)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], "trusting" in sys.argv[3:])
