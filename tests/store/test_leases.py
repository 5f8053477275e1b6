import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import update

from autograder.errors import GraderError
from autograder.store import keep_lease
from autograder.store.database import Database
from autograder.store.failure import OvertakenError
from autograder.store.tables import DatabaseSeconds, leases

JOB = "kim/sha256:n/sha256:b"


@pytest.fixture
def desk(store):
    return store.leases


def expire(desk):
    """As if its worker had been silent for longer than the lease."""
    statement = update(leases).values(expires_seconds=DatabaseSeconds() - 0.001)
    desk.database.run(lambda connection: connection.execute(statement), writes=True)


def test_a_job_is_one_workers_until_it_releases_it(desk):
    lease = desk.claim(JOB, "w1", 60)
    assert desk.claim(JOB, "w2", 60) is None
    assert desk.claim("lee", "w2", 60) is not None
    lease.release()
    assert desk.claim(JOB, "w2", 60).losses == 0


def test_expired_lease_is_taken_over_and_counts_a_lost_worker(desk):
    for losses in range(4):
        assert desk.losses(JOB) == max(0, losses - 1)
        lease = desk.claim(JOB, f"w{losses}", 60)
        assert lease.losses == losses
        expire(desk)
    assert desk.losses("never seen") == 0


def test_lease_runs_out_by_itself(desk):
    desk.claim(JOB, "w1", 0.2)
    assert desk.claim(JOB, "w2", 0.2) is None
    time.sleep(0.25)
    assert desk.claim(JOB, "w2", 0.2).losses == 1


def test_finished_job_forgets_its_losses_and_one_given_back_keeps_them(desk):
    desk.claim(JOB, "w1", 60)
    expire(desk)
    desk.claim(JOB, "w2", 60).give_back()
    again = desk.claim(JOB, "w3", 60)
    assert again.losses == 1
    again.release()
    assert desk.losses(JOB) == 0


def test_worker_that_lost_its_lease_cannot_touch_the_next_ones(desk):
    slow = desk.claim(JOB, "w1", 60)
    expire(desk)
    desk.claim(JOB, "w2", 60)
    assert not slow.renew()
    slow.release()
    slow.give_back()
    assert desk.claim(JOB, "w3", 60) is None


def test_expired_lease_that_nobody_wanted_is_renewed(desk):
    lease = desk.claim(JOB, "w1", 60)
    expire(desk)
    assert lease.renew()
    assert desk.claim(JOB, "w2", 60) is None


def test_claim_whose_answer_was_lost_is_still_its_workers(desk, monkeypatch):
    real, lost = Database._run_once, []

    def run_once(self, work, *, writes):
        value = real(self, work, writes=writes)
        if not lost:
            lost.append(value)
            raise OvertakenError
        return value

    monkeypatch.setattr(Database, "_run_once", run_once)
    lease = desk.claim(JOB, "w1", 60)
    assert lost == [0]
    assert lease.losses == 0
    assert lease.renew()


def test_assessments_have_jobs_of_their_own(place):
    assert place.open().leases.claim(JOB, "w1", 60)
    assert place.open("a02_convnet").leases.claim(JOB, "w1", 60)


def test_of_many_who_want_a_job_at_once_one_gets_it(desk):
    for round_ in range(5):
        with ThreadPoolExecutor(8) as threads:
            found = list(threads.map(lambda n: desk.claim(JOB, f"w{n}", 60), range(8)))
        assert sum(lease is not None for lease in found) == 1
        assert desk.losses(JOB) == round_
        expire(desk)


def test_heartbeat_keeps_a_lease_longer_than_it_lasts(desk):
    lease = desk.claim(JOB, "w1", 0.6)
    with keep_lease(lease) as heartbeat:
        time.sleep(1.0)
        assert desk.claim(JOB, "w2", 60) is None
    assert not heartbeat.lost
    assert not [thread for thread in threading.enumerate() if thread.name == "autograder-lease"]


def test_heartbeat_says_when_another_worker_has_the_job(desk):
    lease = desk.claim(JOB, "w1", 0.6)
    with keep_lease(lease) as heartbeat:
        expire(desk)
        taken = desk.claim(JOB, "w2", 60)
        time.sleep(0.4)
        assert heartbeat.lost
    assert taken.renew()


class Unreachable:
    """A lease in a database that answers only at some beats."""

    seconds = 0.3

    def __init__(self, answers):
        self.answers = list(answers)

    def renew(self):
        if not (self.answers.pop(0) if self.answers else True):
            raise GraderError("server gone")
        return True


def test_heartbeat_outlives_a_database_that_is_gone_for_a_moment():
    with keep_lease(Unreachable([False, True, False])) as heartbeat:
        time.sleep(0.5)
    assert not heartbeat.lost


def test_lease_that_could_not_be_renewed_in_time_is_lost():
    with keep_lease(Unreachable([False] * 10)) as heartbeat:
        time.sleep(0.5)
    assert heartbeat.lost
