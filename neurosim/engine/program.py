"""The source of a network's loop: all kernels of its schedule inside one compiled function."""

from dataclasses import dataclass

from neurosim.engine.elements import indented
from neurosim.kernels.threads import meet

__all__ = ["Program", "Step", "make_program", "make_single"]

# Clocks whose times differ by less than this share of the smaller step tick together; clocks
# that have no step, but a list of times, by less than these seconds.
_SAME_TIME = 1e-4
_SAME_EVENT = 1e-14


@dataclass(frozen=True)
class Step:
    """One thing done in a step of the network.

    Attributes
    ----------
    kernel : Kernel or None
        None for an object that is run from Python.
    clock : int
        Number of its clock.
    owner : object
        Code object of the kernel, or a weak reference to the Python object.
    sharing : Sharing or None
        How several threads deal it out; None where the first one does it.
    """

    kernel: object
    clock: int
    owner: object
    sharing: object = None


@dataclass(frozen=True)
class Program:
    """Text of a loop and what it is called with.

    Attributes
    ----------
    source : str
    arguments : tuple of (object or None, Argument)
        Code object, for arrays the engine keeps for it, and argument, in the order of the
        function's parameters.
    callables : dict of str to callable
    has_python : bool
    is_shared : bool
        Whether several threads run it; it then takes the number of the thread, the number of
        threads and a barrier before everything else.
    """

    source: str
    arguments: tuple
    callables: dict
    has_python: bool
    is_shared: bool = False


def make_program(steps, are_regular):
    """Return the program of a schedule.

    Parameters
    ----------
    steps : sequence of Step
        In the order of the schedule.
    are_regular : sequence of bool
        For each clock, whether it has a step; the others have a list of times.

    Returns
    -------
    Program
    """
    functions, definitions, callables = {}, {}, {}
    arguments, parameters, calls, fills = [], {}, [], []
    for number, step in enumerate(steps):
        if step.kernel is None:
            calls.append(_Call(number, step.clock, None))
            continue
        kernel = step.kernel
        callables.update(kernel.callables)
        definitions.update(dict.fromkeys(kernel.definitions))
        text = kernel.source("_")
        name = functions.setdefault(text, f"{kernel.name}_{len(functions) + 1}")
        names, draws = [], []
        for own, argument in kernel.arguments.items():
            key = _identity(step.owner, argument)
            if key not in parameters:
                parameters[key] = f"{own.lstrip('_').removeprefix('array_')}_{len(parameters)}"
                owner = step.owner if argument.kind == "engine" else None
                arguments.append((owner, argument))
            names.append(parameters[key])
            if own == "_fill":
                fills.append(parameters[key])
            if own == "_random":
                # Not in the kernel itself, whose loops are slower where the stream is written.
                draws.append(f"{parameters[key]}[1] += uint64(1)")
        lines = [f"{name}({', '.join(names)})", *draws]
        calls.append(_Call(number, step.clock, lines, step.sharing))
    is_shared = any(step.sharing is not None for step in steps)
    if is_shared:
        callables["meet"] = meet
    parts = [
        *definitions,
        *(_decorated(text, name) for text, name in functions.items()),
        _driver(calls, len(steps), are_regular, list(parameters.values()), fills, is_shared),
    ]
    has_python = any(step.kernel is None for step in steps)
    source = "\n\n\n".join(parts) + "\n"
    return Program(source, tuple(arguments), callables, has_python, is_shared)


@dataclass(frozen=True)
class _Call:
    """What the driver does for a step: `lines`, or nothing for an object run from Python."""

    number: int
    clock: int
    lines: list | None
    sharing: object = None


def _identity(owner, argument):
    if argument.kind == "engine":
        return argument.kind, id(owner), argument.source
    return argument.kind, id(argument.source)


def _decorated(text, name):
    return "@compiled\n" + text.replace("def _(", f"def {name}(", 1)


def _driver(calls, n_steps, are_regular, parameters, fills, is_shared):
    """Return the function that runs slices of steps.

    With Python objects in the schedule it stops before a step in which one is due, unless it is
    asked for a part of that step, from `first` to `last`.
    """
    n_clocks = len(are_regular)
    clocks = [
        f"{part}_{number}"
        for number, is_regular in enumerate(are_regular)
        for part in ("clock_step", "clock_t", "clock_dt" if is_regular else "clock_times")
    ]
    ends = [f"end_{number}" for number in range(n_clocks)]
    team = ["thread", "n_threads", "barrier"] if is_shared else []
    named = ", ".join([*team, "n_steps", "first", "last", *clocks, *ends, *parameters])
    python_clocks = sorted({call.clock for call in calls if call.lines is None})
    # Each thread has clocks of its own; what the first one has done alone is seen from here on.
    body = [*(_MEET if is_shared else []), *_due_clocks(are_regular)]
    whole = f"first == 0 and last == {n_steps}"
    if fills:
        full = " or ".join(f"{fill}[0] > {fill}[1]" for fill in fills)
        body += [f"if first == 0 and ({full}):", "    return done"]
    if python_clocks:
        due = " or ".join(f"due_{clock}" for clock in python_clocks)
        body += [f"if {whole} and ({due}):", "    return done"]
    # All threads have to look whether buffers are full before the first one fills them.
    since = [_LOOK] if is_shared and fills else []
    for call in calls:
        if call.lines is None:
            continue
        if is_shared and any(_has_to_wait(call.sharing, earlier) for earlier in since):
            body += _MEET
            since = []
        since.append(call.sharing)
        conditions = [f"due_{call.clock}"] if n_clocks > 1 else []
        if python_clocks:
            conditions.append(f"first <= {call.number} < last")
        if is_shared and call.sharing is None:
            conditions.append("thread == 0")
        if conditions:
            body += [f"if {' and '.join(conditions)}:", *indented(call.lines)]
        else:
            body += call.lines
    advance = _advance(are_regular)
    if python_clocks:
        advance = [f"if last == {n_steps}:", *indented(advance)]
    body += [*advance, "done += 1"]
    loop = ["done = 0", "while done < n_steps:", *indented(body), "return done"]
    return "\n".join(["@compiled", f"def run({named}):", *indented(loop)])


_MEET = ["if not meet(barrier, n_threads):", "    return -1"]
_LOOK = object()


def _has_to_wait(sharing, earlier):
    """Return whether work has to wait until all threads have done earlier work."""
    if sharing is None or earlier is _LOOK:
        return sharing is None and earlier is not None
    return sharing != earlier or not sharing.is_local


def _due_clocks(are_regular):
    """Return the lines that find the clocks of a step: those at the smallest time."""
    if len(are_regular) == 1:
        return ["due_0 = True", "if clock_step_0[0] >= end_0:", "    return done"]
    near = [
        f"{_SAME_TIME} * clock_dt_{number}[0]" if is_regular else f"{_SAME_EVENT}"
        for number, is_regular in enumerate(are_regular)
    ]
    lines = [
        f"now, near, regular = clock_t_0[0], {near[0]}, {are_regular[0]}",
        "over = clock_step_0[0] >= end_0",
    ]
    for number, is_regular in list(enumerate(are_regular))[1:]:
        lines += [
            f"if clock_t_{number}[0] < now:",
            f"    now, near, regular = clock_t_{number}[0], {near[number]}, {is_regular}",
            f"    over = clock_step_{number}[0] >= end_{number}",
        ]
    lines += ["if over:", "    return done"]
    for number, is_regular in enumerate(are_regular):
        # Of two steps the smaller counts; a list of times goes by the step of the other clock.
        largest, smallest = f"max(near, {near[number]})", f"min(near, {near[number]})"
        limit = f"({smallest} if regular else {largest})" if is_regular else largest
        lines.append(f"due_{number} = abs(clock_t_{number}[0] - now) < {limit}")
    return lines


def _advance(are_regular):
    lines = []
    for number, is_regular in enumerate(are_regular):
        # Multiplied, never accumulated, as Brian 2 does.
        time = (
            f"clock_step_{number}[0] * clock_dt_{number}[0]"
            if is_regular
            else f"clock_times_{number}[clock_step_{number}[0]]"
        )
        tick = [f"clock_step_{number}[0] += 1", f"clock_t_{number}[0] = {time}"]
        lines += [f"if due_{number}:", *indented(tick)] if len(are_regular) > 1 else tick
    return lines


def make_single(kernel, name="run"):
    """Return the program of one kernel alone, called once.

    Parameters
    ----------
    kernel : Kernel

    Returns
    -------
    Program
        Its function takes the kernel's own arguments.
    """
    parts = [*kernel.definitions, "@compiled\n" + kernel.source(name)]
    arguments = tuple((None, argument) for argument in kernel.arguments.values())
    return Program("\n\n\n".join(parts) + "\n", arguments, kernel.callables, False)
