"""Which library systems there are: the only place that knows them all."""

from collections.abc import Iterator
from typing import Final

from edge.lsp.calls import CallMeter
from edge.lsp.config import LspOptions
from edge.lsp.heard import Heard
from edge.lsp.sink import LspSink, System

NOBODY: Final = "library-edge-check"
"""A barcode that no book has."""


def systems(options: LspOptions) -> Iterator[tuple[System, CallMeter]]:
    """Those that are configured, not open yet."""
    if options.folio is not None:
        from edge.lsp.folio import Folio

        meter = CallMeter(Folio.name)
        yield Folio(options.folio, meter), meter
    if options.koha is not None:
        from edge.lsp.koha import Koha

        meter = CallMeter(Koha.name)
        yield Koha(options.koha, meter), meter
    if options.sip2 is not None:
        from edge.lsp.sip2 import Sip2

        meter = CallMeter(Sip2.name)
        yield Sip2(options.sip2, meter), meter


def lsp_sinks(options: LspOptions, heard: Heard) -> list[LspSink]:
    """A sink for each."""
    return [LspSink(system, meter, heard) for system, meter in systems(options)]
