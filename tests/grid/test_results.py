"""Results hold what the batches said, in whatever order and pieces they came."""

import itertools

import h5py
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from neurosim.errors import ParameterError
from neurosim.experiment.protocol import Protocol
from neurosim.grid import results
from neurosim.grid.batches import write_batch
from neurosim.grid.definition import define
from neurosim.grid.point import DONE, FAILED, Outcome, Variable
from neurosim.grid.results import merge


def saunter(run, *, pace: float = 1.0, mode: str = "a"): ...


DEFINITION = define(Protocol(saunter), {"pace": "0:1:3", "mode": "x,y", "seed": "0:4"})


def variables(point):
    """Return what a point measures: a metric, one that not all have, and a trace of any length."""
    found = {"level": Variable(np.float64(point / 7), (), "mV", "level")}
    if point % 2:
        found["odd"] = Variable(np.float32(point), (), "1", "odd")
    dtype = np.float32 if point % 3 else np.float64
    wave = (point + np.arange(point % 5)).astype(dtype) / 3
    found["net.wave"] = Variable(wave, ("net:step",), "mV", "wave")
    return found


def expected():
    level = np.arange(24) / 7
    odd = np.where(np.arange(24) % 2, np.arange(24), np.nan).astype(np.float32)
    wave = np.full((24, 4), np.nan)
    for point in range(24):
        own = variables(point)["net.wave"].values
        wave[point, : len(own)] = own
    return level.reshape(3, 2, 4), odd.reshape(3, 2, 4), wave.reshape(3, 2, 4, 4)


@settings(max_examples=25, deadline=None)
@given(data=st.data(), block_bytes=st.sampled_from([1, 100, 1 << 20]))
def test_order_and_pieces_do_not_matter(tmp_path_factory, data, block_bytes):
    folder = tmp_path_factory.mktemp("merge")
    path = folder / "results.nc"
    order = data.draw(st.permutations(range(24)))
    cuts = sorted(data.draw(st.sets(st.integers(1, 23), max_size=4)))
    failing = data.draw(st.sets(st.integers(0, 23), max_size=3))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(results, "_BLOCK_BYTES", block_bytes)
        pieces = [order[a:b] for a, b in itertools.pairwise([0, *cuts, 24])]
        write_batch(folder / "0.h5", [Outcome(p, FAILED) for p in failing] or [Outcome(0, FAILED)])
        merge(path, DEFINITION, [folder / "0.h5"])
        waiting = []
        for number, piece in enumerate(pieces):
            batch = folder / f"{number + 1}.h5"
            write_batch(batch, [Outcome(p, DONE, variables(p)) for p in piece])
            waiting.append(batch)
            if data.draw(st.booleans()):
                merge(path, DEFINITION, waiting)
                waiting = []
        # A late report of failure does not undo what is done.
        write_batch(
            folder / "late.h5",
            [Outcome(p, FAILED) for p in failing] or [Outcome(1, DONE, variables(1))],
        )
        merge(path, DEFINITION, [*waiting, folder / "late.h5"])
    assert list(folder.glob("*")) == [path]
    with h5py.File(path) as file:
        level, odd, wave = expected()
        assert file["level"][()].tobytes() == level.tobytes()
        np.testing.assert_array_equal(file["odd"][()], odd)
        np.testing.assert_array_equal(file["net.wave"][()], wave)
        assert file["odd"].dtype == np.float32
        assert (file["status"][()] == DONE).all()
        assert file["status"].shape == (3, 2, 4)


def test_traces_of_other_dimensions_are_refused(tmp_path):
    flat = Variable(np.zeros(3), ("net:step",), "1", "x")
    square = Variable(np.zeros((3, 3)), ("net:step", "net:cell"), "1", "x")
    write_batch(tmp_path / "1.h5", [Outcome(0, DONE, {"net.x": flat})])
    write_batch(tmp_path / "2.h5", [Outcome(1, DONE, {"net.x": square})])
    with pytest.raises(ParameterError, match="'net.x' has other dimensions in some points"):
        merge(tmp_path / "results.nc", DEFINITION, sorted(tmp_path.glob("*.h5")))
    assert not (tmp_path / "results.nc").exists()
