"""MNIST and Fashion-MNIST through one loader."""

import hashlib
import os
from pathlib import Path

import numpy as np
import pooch

from neurosim.data.dataset import Dataset
from neurosim.data.idx import read_idx
from neurosim.errors import DataError

__all__ = ["fashion_mnist", "mnist"]

_FILES = (
    "train-images-idx3-ubyte.gz",
    "train-labels-idx1-ubyte.gz",
    "t10k-images-idx3-ubyte.gz",
    "t10k-labels-idx1-ubyte.gz",
)
# Public copies of the official files, and the official files' checksums.
_SOURCES = {
    "mnist": (
        "https://ossci-datasets.s3.amazonaws.com/mnist/",
        (
            "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
            "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
            "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
            "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
        ),
    ),
    "fashion_mnist": (
        "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
        (
            "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
            "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
            "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
            "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
        ),
    ),
}
_CLASS_NAMES = {
    "mnist": tuple("0123456789"),
    "fashion_mnist": (
        "T-shirt/top",
        "Trouser",
        "Pullover",
        "Dress",
        "Coat",
        "Sandal",
        "Shirt",
        "Sneaker",
        "Bag",
        "Ankle boot",
    ),
}


def mnist(folder=None):
    """Return MNIST (LeCun et al. 1998): 60 000 and 10 000 digits of 28×28 pixels in 0 … 1.

    The four ``.gz`` files are looked for in `folder`; without it in ``$NEUROSIM_DATA``, in the
    ``data/`` folder of a source tree, and in the user's cache, to which they are downloaded when
    they are nowhere. In each place they may lie directly or in a folder ``mnist``. Files of
    Fashion-MNIST, which have the same names, are passed over.

    Parameters
    ----------
    folder : str or Path, optional
        Look there and nowhere else.

    Returns
    -------
    Dataset

    Raises
    ------
    DataError
        Where the files are nowhere and cannot be downloaded, are incomplete or damaged, or
        ``$NEUROSIM_DATA`` names no folder.

    Examples
    --------
    >>> from neurosim.data import mnist
    >>> mnist("an/empty/folder")
    Traceback (most recent call last):
    ...
    neurosim.errors.DataError: an/empty/folder does not hold mnist; expected train-images-idx3-...
    """
    return _load("mnist", folder)


def fashion_mnist(folder=None):
    """Return Fashion-MNIST (Xiao et al. 2017), laid out and found like :func:`mnist`.

    Parameters
    ----------
    folder : str or Path, optional

    Returns
    -------
    Dataset

    Raises
    ------
    DataError
        As in :func:`mnist`.

    Examples
    --------
    >>> from neurosim.data import fashion_mnist
    >>> fashion_mnist("an/empty/folder")
    Traceback (most recent call last):
    ...
    neurosim.errors.DataError: an/empty/folder does not hold fashion_mnist; expected train-ima...
    """
    return _load("fashion_mnist", folder)


def _load(name, folder):
    paths = _find(name, folder) or _download(name, folder)
    arrays = []
    for images_path, labels_path in (paths[:2], paths[2:]):
        images = read_idx(images_path, 3)
        labels = read_idx(labels_path, 1)
        if len(images) != len(labels):
            raise DataError(
                f"{images_path} holds {len(images)} images but {labels_path} holds "
                f"{len(labels)} labels; expected as many"
            )
        if images.shape[1:] != (28, 28):
            raise DataError(f"{images_path} holds images of {images.shape[1:]}; expected (28, 28)")
        stimuli = images.reshape(len(images), -1).astype(np.float32) / np.float32(255)
        arrays += [stimuli, labels.astype(np.int64)]
    return Dataset(name, *arrays, (28, 28), 10, _CLASS_NAMES[name])


def _places(folder):
    if folder is not None:
        return [Path(folder)]
    places = []
    if os.environ.get("NEUROSIM_DATA"):
        named = Path(os.environ["NEUROSIM_DATA"]).expanduser()
        if not named.is_dir():
            raise DataError(f"NEUROSIM_DATA is {str(named)!r}; expected an existing folder")
        places.append(named)
    tree = Path(__file__).resolve().parents[2]
    # Of an installed package that is site-packages, whose data/ would be someone else's.
    if (tree / "pyproject.toml").is_file():
        places.append(tree / "data")
    return places


def _find(name, folder):
    """Return the four paths in the first place that has them all, or None."""
    for place in _places(folder):
        for candidate in (place / name, place):
            paths = [candidate / file for file in _FILES]
            if all(path.is_file() for path in paths) and not _of_another_set(name, paths):
                return paths
        missing = [file for file in _FILES if not (place / name / file).is_file()]
        if 0 < len(missing) < len(_FILES):
            raise DataError(f"{place / name} is incomplete; expected {', '.join(missing)} as well")
    return None


def _of_another_set(name, paths):
    """Tell by the smallest file, since all the sets' files have the same names."""
    labels = _FILES.index("t10k-labels-idx1-ubyte.gz")
    found = hashlib.sha256(paths[labels].read_bytes()).hexdigest()
    return any(
        found == checksums[labels] for other, (_, checksums) in _SOURCES.items() if other != name
    )


def _download(name, folder):
    wanted = ", ".join(_FILES)
    if folder is not None:
        raise DataError(f"{folder} does not hold {name}; expected {wanted} there or in {name}/")
    address, checksums = _SOURCES[name]
    fetcher = pooch.create(
        pooch.os_cache("neurosim") / name,
        base_url=address,
        registry={
            file: f"sha256:{checksum}" for file, checksum in zip(_FILES, checksums, strict=True)
        },
    )
    try:
        return [Path(fetcher.fetch(file, progressbar=False)) for file in _FILES]
    except (OSError, ValueError) as error:
        reason = type(error).__name__
        raise DataError(
            f"{name} is not on this machine and could not be downloaded from {address} ({reason}); "
            f"put {wanted} into a folder {name} and name the folder that holds it in the "
            f"environment variable NEUROSIM_DATA"
        ) from error
