"""Measures on spikes and variables, on plain arrays: rates, irregularity, synchrony, criticality.

Times are floats in seconds, rates in Hz; a Brian 2 quantity of time is such a number, too.
Spikes are two arrays, `times` and `neurons` (0 … n_neurons − 1); `recorded_spikes` reads them
from a trace file. Measures that Elephant has are in `neurosim.analysis.elephant`, which needs
the extra of that name. See docs/analysis.md.
"""

from neurosim.analysis.avalanches import (
    Avalanches,
    CracklingNoise,
    ShapeCollapse,
    avalanches,
    crackling_noise,
    shape_collapse,
)
from neurosim.analysis.binning import (
    bin_edges,
    population_counts,
    recorded_spikes,
    spike_counts,
)
from neurosim.analysis.branching import (
    BranchingEstimate,
    multistep_regression,
    naive_branching_parameter,
)
from neurosim.analysis.intervals import (
    coefficients_of_variation,
    interspike_intervals,
    local_coefficients_of_variation,
    local_variations,
)
from neurosim.analysis.power_laws import (
    PowerLawFit,
    fit_power_law,
    power_law_plausibility,
    power_law_sample,
)
from neurosim.analysis.rates import (
    firing_rates,
    peristimulus_histogram,
    population_rate,
    smoothed_rate,
)
from neurosim.analysis.reservoir import (
    Divergence,
    KernelQuality,
    divergence_rate,
    filtered_spikes,
    kernel_quality,
    state_rank,
)
from neurosim.analysis.spectra import population_spectrum, power_spectrum
from neurosim.analysis.tails import TailComparison, compare_tails
from neurosim.analysis.variability import fano_factors, pairwise_correlations, synchrony

__all__ = [
    "Avalanches",
    "BranchingEstimate",
    "CracklingNoise",
    "Divergence",
    "KernelQuality",
    "PowerLawFit",
    "ShapeCollapse",
    "TailComparison",
    "avalanches",
    "bin_edges",
    "coefficients_of_variation",
    "compare_tails",
    "crackling_noise",
    "divergence_rate",
    "fano_factors",
    "filtered_spikes",
    "firing_rates",
    "fit_power_law",
    "interspike_intervals",
    "kernel_quality",
    "local_coefficients_of_variation",
    "local_variations",
    "multistep_regression",
    "naive_branching_parameter",
    "pairwise_correlations",
    "peristimulus_histogram",
    "population_counts",
    "population_rate",
    "population_spectrum",
    "power_law_plausibility",
    "power_law_sample",
    "power_spectrum",
    "recorded_spikes",
    "shape_collapse",
    "smoothed_rate",
    "spike_counts",
    "state_rank",
    "synchrony",
]
