"""One run of a network: the compiled loop in slices, Python in between where it is wanted."""

import hashlib
import operator
import time

import numpy as np

from neurosim.cancellation import check
from neurosim.engine import turns
from neurosim.engine.arguments import Arguments
from neurosim.engine.brian import is_same_time
from neurosim.engine.codeobject import NumbaCodeObject
from neurosim.engine.compiler import compile_program
from neurosim.engine.elements import new_draws, new_room
from neurosim.engine.history import History
from neurosim.engine.pathways import Pathways
from neurosim.engine.program import make_program
from neurosim.engine.recording import make_buffer
from neurosim.engine.schedule import Plans, all_steps
from neurosim.engine.sharing import thread_arrays
from neurosim.engine.team import Team

__all__ = ["Loop", "next_slice", "restart_streams"]

# Wall time of a slice, after which progress, stops and Ctrl-C are looked at.
_SLICE_SECONDS = 0.05


class Loop:
    """The schedule of a network, ready to run.

    It holds code objects and refers to other objects weakly, so that keeping it keeps no object
    of the network alive.

    Parameters
    ----------
    device : NeurosimDevice
    steps : sequence of Step
        In the order of the schedule.
    clocks : sequence of Clock
    """

    def __init__(self, device, steps, clocks):
        self.device = device
        self.clocks = clocks
        self.steps = steps
        # Wall time of the last call.
        self._took = 0.0
        self.buffers = {}
        for step in steps:
            buffer = None if step.kernel is None else make_buffer(step.owner)
            if buffer is not None:
                self.buffers[id(step.owner)] = buffer
        self._compile()

    def _compile(self):
        self.pathways = Pathways(self.steps)
        regular = ["dt" in clock.variables for clock in self.clocks]
        self.program = make_program(self.steps, regular)
        self.function = compile_program(self.program)
        self.arguments = Arguments(self.device, self.program, self.clocks)

    @classmethod
    def of(cls, device, objects, clocks):
        """Return the loop of a schedule: that of the last run where nothing has changed.

        Parameters
        ----------
        device : NeurosimDevice
        objects : sequence of BrianObject
            Active objects in the order of the schedule, after their ``before_run``.
        clocks : sequence of Clock
        """
        plans = Plans(objects, device.traces_of)
        steps = all_steps(objects, clocks, plans)
        codes = [step.owner for step in steps if isinstance(step.owner, NumbaCodeObject)]
        # Kept with a code object, so that it goes when the objects go.
        known = codes[0].namespace.get("_loop") if codes else None
        if known is None or known.device is not device or not known._fits(steps, clocks):
            known = cls(device, steps, clocks)
            if codes:
                codes[0].namespace["_loop"] = known
        known._begin(plans, objects)
        return known

    def _fits(self, steps, clocks):
        return steps == self.steps and all(map(operator.is_, clocks, self.clocks))

    def _begin(self, plans, objects):
        """Prepare for a run: rooms for numbers, queues as they are now, new random streams."""
        self._check_buffers()
        self.objects, self.plans = objects, plans
        self.engine_arrays = self._rooms()
        self.team = self._new_team()
        self.pathways.begin(plans.deliveries)
        self._restart()
        self.bind()

    def begin_again(self):
        """Prepare for another run in which nothing but numbers has changed."""
        self._check_buffers()
        self.team = self._new_team()
        moved = self._restart()
        if self.team.n_threads > 1:
            self.bind()
        else:
            self._bind_buffers(moved)
            self.arguments.take_ends()

    def _check_buffers(self):
        for buffer in self.buffers.values():
            buffer.check()

    def _new_team(self):
        return Team(self.plans.n_threads if self.program.is_shared else 1)

    def _restart(self):
        """Begin streams and buffers anew; return the buffers with other arrays than before."""
        restart_streams(self.streams, *self.device.random_key())
        moved = []
        for step in self.steps:
            code = id(step.owner)
            if code in self.buffers:
                n_steps = self._steps_left(self.clocks[step.clock])
                if self.buffers[code].begin(n_steps):
                    moved.append(code)
        return moved

    def _steps_left(self, clock):
        return int(clock._i_end) - int(clock.variables["timestep"].get_value()[0])

    def pause(self):
        """Let go of what waits for the next run alone."""
        self.team.close()

    def end(self):
        """Let go of everything that a run alone needs."""
        self.team.close()
        self.pathways.end()
        self.arguments.of_threads = []
        self.engine_arrays, self.objects, self.plans = {}, [], None

    def _rooms(self):
        """Return new arrays in which code keeps numbers, by identity of a code object and name."""
        rooms = {}
        owners = {id(step.owner): step.owner for step in self.steps if step.kernel is not None}
        drawing = [owner for owner in owners.values() if owner.draws]
        drawing.sort(key=lambda code: (self.device.creation_order(code), code.template_name))
        for code in drawing:
            rooms[id(code), "_random"] = np.zeros(2, np.uint64)
            rooms[id(code), "_drawn"] = new_draws(code.n_sites)
        self.streams = [rooms[id(code), "_random"] for code in drawing]
        for step in self.steps:
            if step.kernel is not None and "_saved" in step.kernel.arguments:
                n_saved = len(step.owner.code.saved_elements())
                rooms[id(step.owner), "_saved"] = new_room(n_saved)
        return rooms

    def bind(self):
        """Fetch everything the loop is called with as it is now."""
        n_threads = self.team.n_threads
        self.engine_arrays.update(self.plans.sums.arrays())
        for code, buffer in self.buffers.items():
            for name, array in buffer.arrays().items():
                self.engine_arrays[code, name] = array
        of_pathways = self.pathways.arrays(n_threads)
        of_threads = thread_arrays(self.steps, self.engine_arrays, n_threads)
        self.arguments.bind(
            [
                {**self.engine_arrays, **of_pathways[thread], **of_threads[thread]}
                for thread in range(n_threads)
            ]
        )

    def _bind_buffers(self, codes):
        for code in codes:
            for name, array in self.buffers[code].arrays().items():
                self.engine_arrays[code, name] = array
                self.arguments.replace(code, name, array)

    def _call(self, *what):
        """Run a slice in all threads: its number of steps, and the first and the last part."""
        # What is not compiled yet is compiled by the first call, which is no time for others.
        if turns.current is None or not self.function.signatures:
            return self._timed(*what)
        with turns.current.given_up(self._took):
            return self._timed(*what)

    def _timed(self, *what):
        started = time.perf_counter()
        done = self.team.run(self.function, self.arguments.of_threads, *what)
        self._took = time.perf_counter() - started
        return done

    def run(self, is_stopped, look):
        """Run until the clocks have reached their ends.

        Parameters
        ----------
        is_stopped : callable
            Whether someone has asked to stop.
        look : callable
            Called between slices with the current time in seconds.

        Raises
        ------
        Cancelled
            Between slices, where this thread has been told to stop.
        """
        n_steps, everything = 256, len(self.steps)
        while not is_stopped():
            check()
            done = self._call(n_steps, 0, everything)
            took = self._took
            self._flush()
            look(self.now())
            if done == n_steps:
                n_steps = next_slice(n_steps, took)
                continue
            if self._is_over():
                return
            if self.program.has_python:
                self._step_with_python(is_stopped)

    def _step_with_python(self, is_stopped):
        """Run one step in parts, with the Python objects that are due in between."""
        due = self._due_clocks()
        first = 0
        for number, step in enumerate(self.steps):
            if step.kernel is not None or step.clock not in due:
                continue
            if number > first:
                self._call(1, first, number)
            self._flush()
            self.device.current_network.t_ = self.now()
            step.owner().run()
            # Python may have changed or resized anything.
            self.pathways.take_new_delays()
            self._plan_again()
            self.bind()
            first = number + 1
        self._finish_step(first)

    def _plan_again(self):
        """Deliver events in another way where Python has changed what the way depends on."""
        if self.plans.still_hold():
            return
        self.plans = plans = Plans(self.objects, self.device.traces_of)
        steps = all_steps(self.objects, self.clocks, plans)
        if steps != self.steps:
            self.pathways.end()
            self.steps = steps
            self._compile()
            self.team.close()
            self.team = self._new_team()
            self.pathways.begin(plans.deliveries)

    def _finish_step(self, first):
        # A part that begins at 0 would stop before the Python objects of the step.
        self._call(1, max(first, 1), len(self.steps))
        self._flush()

    def _due_clocks(self):
        """Return the numbers of the clocks whose objects are run in this step."""
        earliest = min(self.clocks, key=lambda clock: clock.variables["t"].get_value()[0])
        return {
            number
            for number, clock in enumerate(self.clocks)
            if clock is earliest or is_same_time(clock, earliest)
        }

    def now(self):
        """Return the time of the next step in seconds."""
        return min(float(clock.variables["t"].get_value()[0]) for clock in self.clocks)

    def _is_over(self):
        """Whether the earliest clock has reached its end."""
        earliest = min(self.clocks, key=lambda clock: clock.variables["t"].get_value()[0])
        return earliest.variables["timestep"].get_value()[0] >= earliest._i_end

    def histories(self):
        """Return what keeps past values in the loop."""
        return [step.owner for step in self.steps if isinstance(step.owner, History)]

    def _flush(self):
        moved = [code for code, buffer in self.buffers.items() if buffer.flush()]
        for history in self.histories():
            history.check()
        if self.pathways.make_room():
            self.bind()
        else:
            self._bind_buffers(moved)


def restart_streams(streams, seed, epoch):
    """Give every code that draws random numbers a stream of its own for a run.

    Parameters
    ----------
    streams : sequence of ndarray of uint64, shape (2,)
        In the order in which the objects that draw were made.
    seed, epoch : int
        Seed, and number of the run.
    """
    for ordinal, stream in enumerate(streams):
        digest = hashlib.blake2b(f"{seed} {epoch} {ordinal}".encode(), digest_size=8).digest()
        stream[:] = int.from_bytes(digest, "little"), 0


def next_slice(n_steps, took):
    """Return the number of steps of the next slice, after one that took some seconds."""
    if took < _SLICE_SECONDS / 2:
        return min(n_steps * 2, 1 << 30)
    return max(n_steps // 2, 1) if took > _SLICE_SECONDS * 2 else n_steps
