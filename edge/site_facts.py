"""From the site file to what the database must know: capacities, the round by all boards, entrances."""

from cloud_sync.line_protocol import SiteFacts
from edge.config import OUTSIDE, Site


def site_facts(site: Site) -> SiteFacts:
    """The facts that the encoder writes beside the records."""
    return SiteFacts(
        capacity={space.id: space.capacity for space in site.spaces},
        seats={space.id: space.seats for space in site.spaces if space.seats},
        kind={space.id: space.kind for space in site.spaces},
        zone={space.id: space.zone for space in site.spaces},
        walk_m=walk_m(site),
        entrances=_entrances(site),
    )


def walk_m(site: Site) -> dict[str, float]:
    """Board → how far its left end is along the round: the chains of `next`, in the order of the file."""
    length_m = {shelf.id: shelf.length_m for shelf in site.shelves}
    after = {shelf.id: shelf.next for shelf in site.shelves}
    followers = set(after.values())
    starts = [id_ for id_ in after if id_ not in followers]
    found: dict[str, float] = {}
    gone_m = 0.0
    # A ring has no start: whatever the chains leave is taken as the file has it.
    for start in [*starts, *after]:
        here: str | None = start
        while here is not None and here not in found:
            found[here] = gone_m
            gone_m += length_m[here]
            here = after[here]
    return found


def _entrances(site: Site) -> dict[str, str]:
    outer = [door for door in site.doors if (door.from_, door.to).count(OUTSIDE) == 1]
    return {door.id: "in" if door.from_ == OUTSIDE else "out" for door in outer}
