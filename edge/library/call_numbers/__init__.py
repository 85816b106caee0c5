"""Call numbers: one text key per number, so that plain string order is shelf order.

A key is computed once when the shelf list is loaded; after that every comparison is a comparison of
two strings. A key from the library system wins over ours (`sort_key` of the shelf list).
"""

from collections.abc import Callable, Iterable
from enum import StrEnum

from edge.errors import ConfigError
from edge.library.call_numbers.clc import DEFAULT_SIGN_ORDER, ClcKeys
from edge.library.call_numbers.ddc import ddc_key
from edge.library.call_numbers.lcc import lcc_key

__all__ = ["DEFAULT_SIGN_ORDER", "Scheme", "key_function", "shelf_sorted"]


class Scheme(StrEnum):
    """How a library files its books."""

    CLC = "clc"
    LCC = "lcc"
    DDC = "ddc"
    EXPLICIT = "explicit"


def key_function(scheme: str, sign_order: str = DEFAULT_SIGN_ORDER) -> Callable[[str], str]:
    """The function from a call number to its key; it never raises, whatever the text.

    `sign_order` is used by CLC only. `explicit` files by the text as it stands.
    """
    if scheme == Scheme.CLC:
        return ClcKeys(sign_order)
    if scheme == Scheme.LCC:
        return lcc_key
    if scheme == Scheme.DDC:
        return ddc_key
    if scheme == Scheme.EXPLICIT:
        return str.strip
    raise ConfigError(f"scheme: {scheme!r} is none of {', '.join(Scheme)}")


def shelf_sorted(call_numbers: Iterable[str], scheme: str, sign_order: str = DEFAULT_SIGN_ORDER) -> list[str]:
    """Call numbers in shelf order; equal ones keep the order they came in."""
    return sorted(call_numbers, key=key_function(scheme, sign_order))
