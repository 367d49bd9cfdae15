"""Grids on Dask: workers started by hand on loopback, and what can be wrong with them."""

import os
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest

import neurosim
from neurosim.grid import grid
from neurosim.grid.cluster import PRELOAD, ClusterError

# Starting schedulers and workers takes most of a minute.
pytestmark = pytest.mark.slow

pytest.importorskip("distributed", reason="needs the extra neurosim[dask]")

ROOT = Path(neurosim.__file__).parents[1]


def start_dask(*arguments):
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-m", "dask", *map(str, arguments)]
    return subprocess.Popen(
        command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


def free_port():
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def stop(processes):
    for process in processes:
        process.terminate()
    for process in processes:
        try:
            process.wait(timeout=3)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@pytest.fixture(scope="module")
def scheduler(tmp_path_factory):
    """Address of a scheduler with two workers, each a process of its own."""
    folder = tmp_path_factory.mktemp("dask")
    address = f"tcp://127.0.0.1:{free_port()}"
    processes = [start_dask("scheduler", "--host", address, "--no-dashboard")]
    processes += [
        start_dask(
            *("worker", address, "--nthreads", 1, "--preload", PRELOAD, "--no-dashboard"),
            *("--local-directory", folder),
        )
        for _ in range(2)
    ]
    _wait_for_workers(address, 2)
    yield address
    stop(processes)


def _wait_for_workers(address, n_workers):
    from distributed import Client

    with Client(address, timeout=60) as client:
        client.wait_for_workers(n_workers, timeout=60)


def test_two_workers_give_what_this_process_gives(meter, scheduler, data_of):
    vary = {"gain": "0:0.6:3", "shift": "0:4", "seed": "3,1"}
    grid(meter, vary, out="a", traces=["net/wave"], workers=0)
    report = grid(meter, vary, out="b", traces=["net/wave"], dask=scheduler)
    assert report.n_done == 24
    assert data_of("a") == data_of("b")
    assert len(list(Path("b/points").rglob("*.h5"))) == 24


def test_points_that_fail_hang_or_kill_their_worker(meter, orders, scheduler, computed, data_of):
    vary, fixed = {"shift": "0:12"}, {"folder": str(orders)}
    grid(meter, vary, fixed=fixed, out="a", workers=0)
    (orders / "ledger").unlink()
    for name in ("fail-1", "hang-3", "die-5"):
        (orders / name).touch()
    report = grid(meter, vary, fixed=fixed, out="b", dask=scheduler, timeout=3)
    assert (report.n_done, report.n_failed) == (9, 3)
    stories = [path.read_text() for path in sorted(Path("b/failures").rglob("*.txt"))]
    assert "ValueError: seven lines" in stories[0]
    assert "about to fail" in stories[0]
    assert "took longer than 3 s" in stories[1]
    assert "its worker died" in stories[2]
    for name in ("fail-1", "hang-3", "die-5"):
        (orders / name).unlink()
    report = grid(meter, vary, fixed=fixed, out="b", dask=scheduler, resume=True)
    assert (report.n_done, report.n_computed) == (12, 3)
    assert data_of("a") == data_of("b")


def test_a_brian_network_runs_on_a_worker(meter, scheduler, tmp_path, data_of):
    script = tmp_path / "ticks.py"
    script.write_text(
        "import neurosim\n\n"
        "@neurosim.protocol\n"
        "def ticks(run, *, rate: float = 1.0):\n"
        "    import brian2 as b\n"
        "    b.start_scope()\n"
        "    b.seed(run.seed)\n"
        "    b.prefs.codegen.target = 'numpy'\n"
        "    model = 'dv/dt = rate/second + xi*second**-0.5 : 1'\n"
        "    group = b.NeuronGroup(3, model, method='euler')\n"
        "    b.Network(group).run(2 * b.ms, namespace={'rate': rate})\n"
        "    run.metric('v', float(group.v[2]))\n"
    )
    vary = {"rate": "1,2", "seed": "0:2"}
    grid(str(script), vary, out="a", workers=0)
    assert grid(str(script), vary, out="b", dask=scheduler).n_done == 4
    assert data_of("a") == data_of("b")


def test_a_cluster_on_this_machine(meter, data_of):
    vary = {"shift": "0:6"}
    grid(meter, vary, out="a", workers=0)
    assert grid(meter, vary, out="b", dask="local", workers=1).n_done == 6
    assert data_of("a") == data_of("b")


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:{port}", "nonsense:there", "tcp://"])
def test_an_unreachable_address_is_one_line(meter, run_command, capsys, address):
    address = address.format(port=free_port())
    status = run_command("grid", meter, "--vary", "seed=0:2", "--out", "g", "--dask", address)
    assert status == 2
    error = capsys.readouterr().err
    assert f"cannot reach a Dask scheduler at {address!r}" in error
    assert error.count("\n") == 1
    assert not Path("g").exists()


@pytest.mark.parametrize(
    "words", [b"", b"HTTP/1.1 400 Bad Request\r\n\r\n"], ids=["silent", "http"]
)
def test_a_server_that_is_no_scheduler_is_told_apart(meter, words):
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer():
            connection, _ = server.accept()
            connection.sendall(words)
            # Until the other side gives up.
            while connection.recv(4096):
                pass
            connection.close()

        threading.Thread(target=answer, daemon=True).start()
        address = f"tcp://127.0.0.1:{server.getsockname()[1]}"
        with pytest.raises(ClusterError, match="cannot reach a Dask scheduler"):
            grid(meter, {"seed": "0:2"}, out="g", dask=address)
    assert not Path("g").exists()


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (["--nthreads", 1], "was started without --preload neurosim.grid.preload"),
        (["--nthreads", 2, "--preload", PRELOAD], "has 2 threads"),
    ],
)
def test_a_worker_started_otherwise_is_told_apart(meter, options, complaint):
    address = f"tcp://127.0.0.1:{free_port()}"
    processes = [start_dask("scheduler", "--host", address, "--no-dashboard")]
    processes.append(start_dask("worker", address, "--no-nanny", "--no-dashboard", *options))
    try:
        _wait_for_workers(address, 1)
        with pytest.raises(ClusterError) as error:
            grid(meter, {"seed": "0:2"}, out="g", dask=address)
    finally:
        stop(processes)
    assert complaint in str(error.value)
    assert f"dask worker {address} --nthreads 1 --preload {PRELOAD}" in str(error.value)
    assert not Path("g").exists()
