"""Stock-take as inference: what stands where it should not, what is missing, what is strange. Pure."""

from edge.fusion.inventory.evidence import Evidence, merged
from edge.fusion.inventory.expected import Board
from edge.fusion.inventory.options import MissingRule, Options, Prior
from edge.fusion.inventory.result import Stocktake
from edge.fusion.inventory.scan import scan
from edge.fusion.inventory.take import take_stock

__all__ = [
    "Board",
    "Evidence",
    "MissingRule",
    "Options",
    "Prior",
    "Stocktake",
    "merged",
    "scan",
    "take_stock",
]
