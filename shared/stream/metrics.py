"""What can be watched: how far the relay and the projections are behind, and what is in trouble."""

from prometheus_client import Counter, Gauge

PUBLISHED = Counter("diary_relay_published", "events acknowledged by the broker", ["service", "topic"])
UNPUBLISHED = Gauge("diary_relay_unpublished", "events read from the store and not acknowledged yet", ["service"])
LEADS = Gauge("diary_relay_leads", "1 while this process is the relay's leader", ["service"])
REFUSES = Gauge(
    "diary_relay_refuses", "1 while the relay does not publish, because store and topic differ", ["service"]
)

APPLIED = Counter("diary_projection_applied", "events taken in", ["projection"])
PARKED = Counter("diary_projection_parked", "events put aside", ["projection"])
RETRIES = Counter("diary_projection_retries", "batches tried again", ["projection"])
LAG = Gauge("diary_projection_lag", "records of the log not taken in yet", ["projection", "topic", "partition"])
HOLE = Gauge("diary_projection_hole", "1 while an event is missing in the log", ["projection", "topic", "partition"])
GIVEN_UP = Gauge(
    "diary_projection_given_up",
    "1 while its rows hold what its source gave up: rebuild it",
    ["projection", "topic", "partition"],
)
BELOW = Gauge(
    "diary_projection_below_start", "1 while the log begins after the position", ["projection", "topic", "partition"]
)
