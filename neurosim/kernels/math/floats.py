"""What a floating-point number is made of, and arithmetic that numba has no words for.

Everything serves both precisions: what comes out has the precision of what goes in, because a
single wider constant would widen the whole loop to half as many numbers at once. Constants stand
in one named tuple per precision, of which :func:`by_precision` takes the one for a number.
"""

from llvmlite import ir
from numba import types
from numba.core.errors import TypingError
from numba.extending import intrinsic

__all__ = [
    "bits",
    "bits_between",
    "by_precision",
    "fma",
    "from_bits",
    "fused",
    "polynomial",
    "real",
    "reals",
    "to_float",
    "two_product",
]

_INTEGER = {types.float64: types.int64, types.float32: types.int32}
_LLVM_INTEGER = {types.float64: ir.IntType(64), types.float32: ir.IntType(32)}
_LLVM_FLOAT = {types.float64: ir.DoubleType(), types.float32: ir.FloatType()}
# Cuts a number into halves whose products are exact (Dekker 1971).
_SPLIT = {types.float64: 2.0**27 + 1, types.float32: 2.0**12 + 1}


def _one_precision(name, *numbers):
    """Return the type that all numbers have.

    Raises
    ------
    TypingError
        Where they differ or are none of the two precisions.
    """
    if len(set(numbers)) > 1 or numbers[0] not in _INTEGER:
        raise TypingError(f"{name} of {numbers}: expected numbers of one precision")
    return numbers[0]


def _has_fma(context):
    """Return whether the processor code is made for multiplies and adds in one step."""
    triple, _, features = context.codegen().magic_tuple()
    return "+fma" in features.split(",") or triple.startswith(("aarch64", "arm64"))


def _fma(context, builder, factor, other, term):
    # Where it is missing LLVM would call the C library for it.
    if _has_fma(context):
        return builder.fma(factor, other, term)
    return builder.fadd(builder.fmul(factor, other), term)


def _halves(builder, number, split):
    shifted = builder.fmul(split, number)
    upper = builder.fsub(shifted, builder.fsub(shifted, number))
    return upper, builder.fsub(number, upper)


def _two_product(context, builder, kind, factor, other):
    product = builder.fmul(factor, other)
    if _has_fma(context):
        return product, builder.fma(factor, other, builder.fneg(product))
    split = ir.Constant(_LLVM_FLOAT[kind], _SPLIT[kind])
    a, b = _halves(builder, factor, split)
    c, d = _halves(builder, other, split)
    error = builder.fsub(builder.fmul(a, c), product)
    error = builder.fadd(error, builder.fmul(a, d))
    error = builder.fadd(error, builder.fmul(b, c))
    return product, builder.fadd(error, builder.fmul(b, d))


@intrinsic
def by_precision(typing_context, x, double, single):
    """Return `single` for a number of single precision, `double` for one of double precision."""
    place = 2 if _one_precision("choice", x) == types.float32 else 1

    def generate(context, builder, signature, arguments):
        return arguments[place]

    return (double, single)[place - 1](x, double, single), generate


@intrinsic
def real(typing_context, x):
    """Return a number of single precision as it is, any other in double precision."""
    kind = types.float32 if x == types.float32 else types.float64

    def generate(context, builder, signature, arguments):
        return arguments[0]

    return kind(kind), generate


@intrinsic
def reals(typing_context, x, y):
    """Return two numbers as they are where both have single precision, else in double precision."""
    kind = types.float32 if x == y == types.float32 else types.float64

    def generate(context, builder, signature, arguments):
        return context.make_tuple(builder, signature.return_type, arguments)

    return types.UniTuple(kind, 2)(kind, kind), generate


@intrinsic
def bits(typing_context, x):
    """Return the bits of a number as an integer as wide."""
    kind = _one_precision("bits", x)

    def generate(context, builder, signature, arguments):
        return builder.bitcast(arguments[0], _LLVM_INTEGER[kind])

    return _INTEGER[kind](kind), generate


@intrinsic
def bits_between(typing_context, x, origin):
    """Return the bits of a number less those of another, as an integer as wide."""
    kind = _one_precision("bits", x, origin)

    def generate(context, builder, signature, arguments):
        # As wide as the number: numba would subtract 64 bits, which LLVM cannot narrow.
        upper, lower = (builder.bitcast(number, _LLVM_INTEGER[kind]) for number in arguments)
        return builder.sub(upper, lower)

    return _INTEGER[kind](kind, kind), generate


def _narrow(builder, integer, kind):
    # numba computes with 64 bits. LLVM narrows what leads here, too.
    is_wider = integer.type.width > _LLVM_INTEGER[kind].width
    return builder.trunc(integer, _LLVM_INTEGER[kind]) if is_wider else integer


@intrinsic
def from_bits(typing_context, x, integer):
    """Return the number of the precision of `x` whose bits are an integer's lowest."""
    kind = _one_precision("number from bits", x)

    def generate(context, builder, signature, arguments):
        return builder.bitcast(_narrow(builder, arguments[1], kind), _LLVM_FLOAT[kind])

    return kind(kind, types.int64), generate


@intrinsic
def to_float(typing_context, x, integer):
    """Return an integer as a number of the precision of `x`; it must fit the integer as wide."""
    kind = _one_precision("number from integer", x)

    def generate(context, builder, signature, arguments):
        return builder.sitofp(_narrow(builder, arguments[1], kind), _LLVM_FLOAT[kind])

    return kind(kind, types.int64), generate


@intrinsic
def fma(typing_context, factor, other, term):
    """Return factor × other + term, rounded once where the processor can do that in one step."""
    kind = _one_precision("fma", factor, other, term)

    def generate(context, builder, signature, arguments):
        return _fma(context, builder, *arguments)

    return kind(kind, kind, kind), generate


@intrinsic
def two_product(typing_context, factor, other):
    """Return a product and its rounding error, which together are exact."""
    kind = _one_precision("product", factor, other)

    def generate(context, builder, signature, arguments):
        pair = _two_product(context, builder, kind, *arguments)
        return context.make_tuple(builder, signature.return_type, pair)

    return types.UniTuple(kind, 2)(kind, kind), generate


@intrinsic
def fused(typing_context, factor, other, term):
    """Return factor × other + term, the product exact also where the processor has no FMA.

    Without FMA it is exact where the result fits a number and `term` cancels most of the product.
    """
    kind = _one_precision("fused product and sum", factor, other, term)

    def generate(context, builder, signature, arguments):
        if _has_fma(context):
            return builder.fma(*arguments)
        product, error = _two_product(context, builder, kind, *arguments[:2])
        return builder.fadd(builder.fadd(arguments[2], product), error)

    return kind(kind, kind, kind), generate


@intrinsic
def polynomial(typing_context, x, coefficients):
    """Return a polynomial by Horner's rule, from the coefficient of the highest power down."""
    kind = _one_precision("polynomial", x, *coefficients)

    def generate(context, builder, signature, arguments):
        value = builder.extract_value(arguments[1], 0)
        for place in range(1, len(coefficients)):
            coefficient = builder.extract_value(arguments[1], place)
            value = _fma(context, builder, value, arguments[0], coefficient)
        return value

    return kind(kind, coefficients), generate
