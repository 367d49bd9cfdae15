"""Run a command and append the largest resident memory of its process, in kB, to a file.

    python watched.py FILE COMMAND [ARGUMENT ...]

For C++ programs, whose memory could not be told from their compiler's otherwise.
"""

import resource
import subprocess
import sys

if __name__ == "__main__":
    status = subprocess.call(sys.argv[2:])
    with open(sys.argv[1], "w") as file:  # noqa: PTH123 - pathlib takes as long as the rest
        file.write(str(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss))
    sys.exit(status)
