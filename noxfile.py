"""The tests on each pair of Python and Brian 2 that setup.cfg names: ``pipx run nox``.

Interpreters that are not installed are skipped; ``nox -s tests-3.12`` runs one pair,
``nox -s brian_suite-3.12 -- --float32 device`` passes arguments on.
"""

import nox

# Brian 2 2.9, 2.10 and 2.11.
PYTHONS = ["3.11", "3.12", "3.13"]

nox.options.sessions = ["tests"]


@nox.session(python=PYTHONS)
def tests(session):
    """Run the default test suite, or what is given behind ``--``."""
    session.install("-e", ".[test]")
    session.run("pytest", *session.posargs)


@nox.session(python=PYTHONS)
def brian_suite(session):
    """Run Brian 2's own test suite against the engine."""
    session.install("-e", ".[test]")
    session.run("python", "-m", "neurosim.engine.brian_suite", *session.posargs)
