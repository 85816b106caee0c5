"""What fusion is told of a site and of the daemon's configuration."""

from edge.daemon_config import DaemonConfig
from edge.fusion.spaces.bookings import BookingRules
from edge.space_models import booking_rules, noise_limits


def test_a_configuration_that_says_nothing_is_as_good_as_none() -> None:
    assert booking_rules(DaemonConfig()) == BookingRules()
    assert noise_limits(DaemonConfig()) == ()
