"""What the bar says of the time left."""

from dohyo.cli.time_left import TimeLeft


def test_an_even_pace_is_told_and_only_once_it_is_known():
    clock = TimeLeft()
    assert clock.left(0, 100, "rows", 10.0) is None
    assert clock.left(10, 100, "rows", 11.0) is None
    assert clock.left(25, 100, "rows", 15.0) == 15
    assert clock.left(50, 100, "rows", 20.0) == 10


def test_what_goes_on_in_the_middle_counts_its_own_rows_alone():
    clock = TimeLeft()
    clock.left(80, 100, "rows", 0.0)
    assert clock.left(90, 100, "rows", 10.0) == 10


def test_a_step_among_others_says_nothing():
    clock = TimeLeft()
    clock.left(0, 100, "one", 0.0)
    clock.left(20, 100, "two", 5.0)
    assert clock.left(60, 100, "two", 50.0) is None


def test_plain_lines_come_for_stages_tenths_and_long_waits():
    clock = TimeLeft()
    told = [
        clock.is_due(done, 1000, stage, now)
        for done, stage, now in [
            (0, "a", 0.0),
            (10, "a", 1.0),
            (100, "a", 2.0),
            (110, "a", 11.0),
            (111, "a", 12.5),
            (112, "b", 12.6),
        ]
    ]
    assert told == [True, False, True, False, True, True]
