"""Floor 1: everything that meets Brian 2; the device ``"neurosim"``.

``import neurosim`` registers the device, before or after ``brian2`` is imported; then
``set_device("neurosim")`` makes Brian 2 scripts run as one compiled loop.
"""

from neurosim.engine.arrival import when_brian_arrives

__all__ = ["register_device", "source"]


def register_device():
    """Make the device ``"neurosim"`` and the target ``"numba"`` known to Brian 2."""

    def register(brian2):
        from neurosim.engine.device import register

        register()

    when_brian_arrives(register)


def source(network):
    """Return the text of the loop that the last run of a network was compiled to.

    Parameters
    ----------
    network : brian2.Network

    Returns
    -------
    str

    Raises
    ------
    ParameterError
        Where the network has not been run on the device.
    """
    from neurosim.engine.device import source_of

    return source_of(network)
