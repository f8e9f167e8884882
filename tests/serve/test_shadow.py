"""What shadow keeps of the lists it compared."""

from dohyo.serve.shadow import means


def test_no_share_is_told_to_lie_beyond_0_and_1():
    found = means({"n": 5, "cross_raw": (1.0, 1.0), "overlap": (4.0, 4.0), "raw_ms": (5.0, 500.0)})
    assert found["cross_raw"]["low"] == 0
    assert found["overlap"]["high"] == 1
    assert found["raw_ms"]["high"] > 1
