# Places and columns of the tables that the kernel of all evidence works on (occupancy.py, balance.py),
# and its options.

cdef enum:
    # states of a space in the filter (balance.py)
    PEOPLE = 0
    EXCESS = 1
    AIR = 2
    SWING = 3
    BASE = 5
    SPACE_STATES = 6
    DOOR_STATES = 2
    # states of its gauges
    DEVICES = 0
    IDLE = 1
    SEATS = 2
    NONE = -1
    MAX_STATES = 256
    # columns of the table of spaces (occupancy.py)
    CAPACITY = 0
    PLACES = 1
    OPEN = 2
    CLOSED_H = 3
    COUNTED = 4
    QUIET_H = 5
    TRUST = 6
    AIR_SEEN = 7
    AIR_AGE_H = 8
    ODDS = 9
    SEEN_H = 10
    LISTENED = 11
    LEFT = 12
    UNSEEN = 13
    CO2 = 14
    HEADS = 15
    DEVICES_HEARD = 16
    SOUND = 17
    SEAT_SHARE = 19
    SEAT_SENSORS = 20
    SEEN = 21
    BELOW = 22
    INNOVATION = 23
    SPREAD = 24
    USUAL = 25
    HINT = 26
    STRAY = 27
    STRAY_ON = 28
    STRAY_ALL = 29


cdef struct Options:
    double free_share
    double idle_noise
    double air_noise_ppm
    double air_noise_share
    double changes_drift
    double changes_drift_alone
    double changes_most_sd
    double swing_sd
    double swing_time_h
    double co2_sd_ppm
    double co2_sd_share
    double co2_time_h
    double base_sd_ppm
    double trust_rate
    double trust_least
    double trust_stiffest
    double trust_least_alone
    double trust_most
    double telling_ppm
    double gate
    double heads_sd
    double heads_sd_share
    double devices_noise
    double seats_time_h
    double closing_grace_h
    double closing_sd
    double closing_noise
    double quiet_after_h
    double quiet_weight
    double stay_h
    double sure_of_someone
    double sure_of_nobody
    double signs_time_h
    double positive_share
    double sd_widening
    double sd_least

cdef struct Step:
    double h
    double slow_h
    double keep      # of SWING
    double surprise
