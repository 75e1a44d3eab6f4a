"""Results in the order of their items, and never many ahead."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from vigil.in_order import in_order


def test_results_come_in_the_order_of_the_items_with_a_few_ahead():
    begun, slow = [], threading.Event()

    def work(n):
        begun.append(n)
        if n == 0:
            slow.wait(10)
        else:
            slow.set()
        return n * n

    with ThreadPoolExecutor(2) as pool:
        found = in_order(pool, work, range(20), ahead=3)
        assert next(found) == (0, 0)
        assert max(begun) <= 3
        assert list(found) == [(n, n * n) for n in range(1, 20)]


def test_what_fails_in_a_thread_fails_where_its_result_is_due():
    with ThreadPoolExecutor(2) as pool, pytest.raises(ZeroDivisionError):
        list(in_order(pool, lambda n: 1 / n, [2, 1, 0, 3], ahead=2))


def test_only_a_few_items_wait_at_a_time():
    begun, taken = [], []

    def items():
        for i in range(100):
            begun.append(i)
            assert len(begun) - len(taken) <= 8
            yield i

    with ThreadPoolExecutor(2) as pool:
        for item, result in in_order(pool, str, items(), 6):
            taken.append(item)
            assert result == str(item)
    assert taken == list(range(100))
