import numpy as np

from vigil.seizures.trained.decode import Decoding, candidates, choose_decoding, decode
from vigil.seizures.trained.matching import match_strictly

HOW = Decoding(enter=0.8, keep=0.4, min_duration_s=2.0, merge_s=2.0)


def test_a_seizure_goes_on_above_the_lower_threshold():
    p = np.array([0.0, 0.5, 0.9, 0.5, 0.41, 0.39, 0.1, 0.1, 0.1, 0.1, 0.5, 0.6, 0.5, 0.5, 0.0])
    assert decode(p, 0.5, HOW) == [(1, 5)]


def test_what_is_too_short_is_none_and_what_is_near_belongs_together():
    p = np.full(40, 0.01)
    p[3:6] = 0.9  # 1.5 s
    assert decode(p, 0.5, HOW) == []
    p[8:10] = 0.9  # 1 s of silence before
    assert decode(p, 0.5, HOW) == [(3, 10)]
    p[20:24] = 0.9
    assert decode(p, 0.5, HOW) == [(3, 10), (20, 24)]


def test_missing_data_do_not_speak():
    p = np.full(20, np.nan)
    assert decode(p, 0.5, HOW) == []
    p[2:8] = 0.9
    p[5] = np.nan
    assert decode(p, 0.5, HOW) == [(2, 8)]
    assert decode(np.zeros(0), 0.5, HOW) == []


def test_the_decoding_with_the_best_f1_and_then_overlap_is_chosen():
    truth = [(100.0, 130.0), (400.0, 430.0)]
    tried = [Decoding(e, 0.1, 5.0, 5.0) for e in (0.2, 0.5, 0.8, 0.9)]
    false = [(100.0, 130.0), (400.0, 430.0), (700.0, 730.0)]
    wide = [(90.0, 140.0), (390.0, 440.0)]
    one = [(100.0, 130.0)]
    matched = [[match_strictly(truth, f, 3600.0)] for f in (false, wide, truth, one)]
    assert choose_decoding(tried, matched) is tried[2]
    assert choose_decoding(tried[:2], matched[:2]) is tried[1]


def test_of_equals_the_one_next_to_a_half_is_chosen():
    tried = candidates(5.0, 3.0)
    same = [[match_strictly([(10.0, 40.0)], [(10.0, 40.0)], 600.0)]] * len(tried)
    assert choose_decoding(tried, same).enter == 0.5
    assert all(d.keep <= d.enter for d in tried)


def test_no_seizure_is_shorter_than_the_settings_have_it():
    assert {d.min_duration_s for d in candidates(5.0, 10.0)} == {10.0}
    assert {d.min_duration_s for d in candidates(5.0, 4.0)} == {4.0, 5.0, 10.0}
    assert {d.min_duration_s for d in candidates(5.0, 3.0)} == {3.0, 5.0, 10.0}
