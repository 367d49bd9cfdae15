"""The cable equation of ``SpatialNeuron``, as kernels.

Every section of the morphology is a tridiagonal system, solved for the potential with both ends
held and for two unit responses; the potentials of the branch points follow from a system with the
structure of the tree, solved by elimination from the leaves to the root; then each section is put
together. Source of the method: the description in Brian 2's documentation of multicompartment
models (Stimberg, Brette and Goodman 2019), after Hines 1984.
"""

from neurosim.engine.elements import indented
from neurosim.engine.snippets import Snippet

__all__ = [
    "SPATIAL_SCRATCH",
    "SPATIAL_VARIABLES",
    "emit_spatial_preparation",
    "emit_spatial_update",
]

_NAMES = """
Cm dt v N Ic Ri _ab_star0 _ab_star1 _ab_star2 _b_plus _b_minus _v_star _u_plus _u_minus
_v_previous _gtot_all _I0_all _c _P_diag _P_parent _P_children _B _morph_parent_i _starts _ends
_morph_children _morph_children_num _morph_idxchild _invr0 _invrn _invr r_length_1 r_length_2 area
"""
SPATIAL_VARIABLES = frozenset(_NAMES.split())

_SCRATCH_NAMES = """
_ab_star0 _ab_star1 _ab_star2 _b_plus _b_minus _v_star _u_plus _u_minus _v_previous _c
_P_diag _P_parent _P_children _B _invr0 _invrn _invr
"""
#: Those that hold nothing but what is computed from the others.
SPATIAL_SCRATCH = frozenset(_SCRATCH_NAMES.split())

_PREPARATION = """
for _i in range(1, {N}):
    {_invr}[_i] = 1.0 / ({Ri} * (1 / {r_length_2}[_i - 1] + 1 / {r_length_1}[_i]))
for _section in range(len({_starts})):
    {_invr}[{_starts}[_section]] = 0
for _i in range({N}):
    {_ab_star1}[_i] = -({Cm}[_i] / {dt}) - {_invr}[_i] / {area}[_i]
for _i in range(1, {N}):
    {_ab_star0}[_i] = {_invr}[_i] / {area}[_i - 1]
    {_ab_star2}[_i - 1] = {_invr}[_i] / {area}[_i]
    {_ab_star1}[_i - 1] -= {_invr}[_i] / {area}[_i - 1]
for _section in range(len({_starts})):
    _first, _last = {_starts}[_section], {_ends}[_section] - 1
    _to_parent = {r_length_1}[_first] / {Ri}
    _to_children = {r_length_2}[_last] / {Ri}
    {_invr0}[_section] = _to_parent
    {_invrn}[_section] = _to_children
    {_ab_star1}[_first] -= _to_parent / {area}[_first]
    {_ab_star1}[_last] -= _to_children / {area}[_last]
    {_b_plus}[_last] = -(_to_children / {area}[_last])
    {_b_minus}[_first] = -(_to_parent / {area}[_first])
"""

_SECTIONS = """
_n_sections = len({_B}) - 1
for _section in range(_n_sections):
    _first, _stop = {_starts}[_section], {_ends}[_section]
    for _j in range(_first, _stop):
        _above = {_ab_star0}[_j + 1] if _j < {N} - 1 else 0.0
        _below = {_ab_star2}[_j - 1] if _j > 0 else 0.0
        _previous = _j - 1 if _j > 0 else 0
        _inverse = {_ab_star1}[_j] - {_gtot_all}[_j]
        if _j > 0:
            _inverse -= _below * {_c}[_previous]
        _inverse = 1.0 / _inverse
        _v = -({Cm}[_j] / {dt} * {v}[_j]) - {_I0_all}[_j]
        _plus, _minus = {_b_plus}[_j], {_b_minus}[_j]
        if _j > 0:
            _v -= _below * {_v_star}[_previous]
            _plus -= _below * {_u_plus}[_previous]
            _minus -= _below * {_u_minus}[_previous]
        {_c}[_j] = _above * _inverse
        {_v_star}[_j] = _v * _inverse
        {_u_plus}[_j] = _plus * _inverse
        {_u_minus}[_j] = _minus * _inverse
    for _j in range(_stop - 2, _first - 1, -1):
        {_v_star}[_j] -= {_c}[_j] * {_v_star}[_j + 1]
        {_u_plus}[_j] -= {_c}[_j] * {_u_plus}[_j + 1]
        {_u_minus}[_j] -= {_c}[_j] * {_u_minus}[_j + 1]
"""

_BRANCH_POINTS = """
_row = len({_morph_children}) // len({_morph_children_num})
for _section in range(_n_sections):
    _parent, _child = {_morph_parent_i}[_section], {_morph_idxchild}[_section]
    _first, _last = {_starts}[_section], {_ends}[_section] - 1
    if _section == 0:
        {_P_diag}[0] = {_u_minus}[_first] - 1
        {_P_children}[0] = {_u_plus}[_first]
        {_B}[0] = -{_v_star}[_first]
    else:
        _conductance = {_invr0}[_section]
        {_P_diag}[_parent] += (1 - {_u_minus}[_first]) * _conductance
        {_P_children}[_parent * _row + _child] = -{_u_plus}[_first] * _conductance
        {_B}[_parent] += {_v_star}[_first] * _conductance
    _conductance = {_invrn}[_section]
    {_P_diag}[_section + 1] = (1 - {_u_plus}[_last]) * _conductance
    {_P_parent}[_section] = -{_u_minus}[_last] * _conductance
    {_B}[_section + 1] = {_v_star}[_last] * _conductance
for _i in range(_n_sections, -1, -1):
    for _k in range({_morph_children_num}[_i]):
        _j = {_morph_children}[_i * _row + _k]
        _factor = {_P_children}[_i * _row + _k] / {_P_diag}[_j]
        {_P_diag}[_i] -= _factor * {_P_parent}[_j - 1]
        {_B}[_i] -= _factor * {_B}[_j]
{_B}[0] /= {_P_diag}[0]
for _i in range(1, _n_sections + 1):
    {_B}[_i] -= {_P_parent}[_i - 1] * {_B}[{_morph_parent_i}[_i - 1]]
    {_B}[_i] /= {_P_diag}[_i]
for _section in range(_n_sections):
    _at_parent, _at_end = {_B}[{_morph_parent_i}[_section]], {_B}[_section + 1]
    for _j in range({_starts}[_section], {_ends}[_section]):
        if _j < {N}:
            {v}[_j] = (
                {_v_star}[_j] + _at_parent * {_u_minus}[_j] + _at_end * {_u_plus}[_j]
            )
for _i in range({N}):
    {Ic}[_i] = {Cm}[_i] * ({v}[_i] - {_v_previous}[_i]) / {dt}
"""


def _filled(snippet: Snippet, text):
    """Return the lines of a text with the arrays' names put in; scalars are read."""
    names = {
        name: snippet.value(name) if snippet.variables[name].scalar else snippet.array(name)
        for name in SPATIAL_VARIABLES
    }
    return text.strip("\n").format(**names).splitlines()


def emit_spatial_preparation(s):
    """Return the body that computes axial conductances and the systems' constant parts."""
    return _filled(s, _PREPARATION)


def emit_spatial_update(s):
    """Return the body that advances the potential by one step."""
    return [
        *s.scalar_part(),
        f"for _idx in range({s.value('N')}):",
        *indented(s.element_part()),
        f"    {s.array('_gtot_all')}[_idx] = _gtot",
        f"    {s.array('_I0_all')}[_idx] = _I0",
        f"    {s.array('_v_previous')}[_idx] = {s.array('v')}[_idx]",
        *_filled(s, _SECTIONS),
        *_filled(s, _BRANCH_POINTS),
    ]
