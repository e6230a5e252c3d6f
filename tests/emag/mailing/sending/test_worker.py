"""A worker's name tells whether its process still lives."""

import subprocess
import sys

from emag.mailing.sending import worker

PRINT = "from emag.mailing.sending import worker; print(worker.new_name(), flush=True)"


def test_every_worker_has_a_name_of_its_own():
    assert worker.new_name() != worker.new_name()


def test_a_process_that_lives_is_not_gone():
    probe = subprocess.Popen(
        [sys.executable, "-c", PRINT + "; input()"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with probe:
        other = probe.stdout.readline().strip()
        assert worker.dead([worker.new_name(), other]) == []
        probe.kill()
        probe.wait()
        assert worker.dead([worker.new_name(), other]) == [other]


def test_a_number_used_again_is_another_process():
    place, pid, birth, drawn = worker.new_name().rsplit("/", 3)
    earlier = "/".join((place, pid, str(int(birth) - 1), drawn))
    assert worker.dead([earlier]) == [earlier]


def test_nothing_is_said_of_other_machines():
    place, _, _, drawn = worker.new_name().rsplit("/", 3)
    elsewhere = f"elsewhere{place}/99999999/1/{drawn}"
    assert worker.dead([elsewhere, "", "nonsense", "a/b/c/d"]) == []


def test_one_that_is_over_is_gone_though_its_process_lives():
    name, other = worker.new_name(), worker.new_name()
    assert worker.dead([name, other], {name}) == [name]
