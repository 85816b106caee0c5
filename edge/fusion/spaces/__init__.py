"""Space occupancy and use: people per room that do not drift, and what the rooms are used for."""

from edge.fusion.spaces.estimator import SpaceEstimator
from edge.fusion.spaces.graph import Building, DoorModel, SpaceModel
from edge.fusion.spaces.options import SpaceOptions
from edge.fusion.spaces.steps import SpaceEstimate

__all__ = ["Building", "DoorModel", "SpaceEstimate", "SpaceEstimator", "SpaceModel", "SpaceOptions"]
