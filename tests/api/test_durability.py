"""What was acknowledged is there: after kill -9 of the server and of PostgreSQL, once and only once."""

import os
import signal
import threading
import time
from pathlib import Path

import httpx
import psutil

from .conftest import Running, payment, running, wait_for


def postmaster(bank: Path) -> int:
    return int((bank / ".vostro" / "store" / "postmaster.pid").read_text().split()[0])


def test_kill_9_right_after_the_answer(bank: Path) -> None:
    for number in range(3):
        server = Running(bank)
        assert server.post(payment(number)).json()["accepted"] == 1
        server.kill()
    with running(bank) as server:
        assert len(server.kinds()) == 3
        assert server.post(payment(0)).json()["duplicate"] == 1


def test_postgresql_killed_under_load(bank: Path) -> None:
    acknowledged: set[int] = set()
    refused: list[int] = []
    stop = threading.Event()

    def send(worker: int) -> None:
        number = worker
        with httpx.Client(base_url=server.url, timeout=60) as client:
            while not stop.is_set():
                answer = client.post("/events", json=payment(number, "X"))
                if answer.status_code == 202:
                    acknowledged.add(number)
                    number += 8
                else:
                    assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
                    refused.append(number)
                    time.sleep(0.05)

    with running(bank) as server:
        threads = [threading.Thread(target=send, args=(worker,)) for worker in range(8)]
        for thread in threads:
            thread.start()
        for _ in range(2):
            before = len(acknowledged)
            wait_for(lambda before=before: len(acknowledged) > before + 50)
            os.kill(postmaster(bank), signal.SIGKILL)
            before = len(acknowledged)
            wait_for(lambda before=before: len(acknowledged) > before + 50, seconds=60)
        stop.set()
        for thread in threads:
            thread.join()
        wait_for(lambda: server.client.get("/health").status_code == 200)
        found = server.client.get(
            "/customers/X/events", params={"limit": 1000, "unmask": True, "purpose": "test"}
        )
        numbers = [
            int(each["body"]["payment_id"][1:])
            for each in found.json()["events"]
            if each["kind"] == "card_payment"
        ]
    assert acknowledged <= set(numbers)
    assert len(numbers) == len(set(numbers))


def test_sigterm_finishes_what_was_begun(bank: Path) -> None:
    with running(bank) as server:
        server.post(payment(1))
        children = psutil.Process(server.process.pid).children(recursive=True)
        assert server.stop() == 0
        _, alive = psutil.wait_procs(children, timeout=20)
        assert not alive
    with running(bank) as server:
        assert server.kinds() == ["card_payment"]


def test_a_taken_port_is_told(bank: Path, tmp_path: Path) -> None:
    import pytest

    with running(bank) as server:
        port = int(server.url.rpartition(":")[2])
        with pytest.raises(RuntimeError, match=r"api\.port_taken"):
            Running(bank, port=port)


def test_without_keys_only_this_machine_is_served(bank: Path) -> None:
    import pytest

    with pytest.raises(RuntimeError, match=r"api\.keys_missing"):
        Running(bank, host="0.0.0.0")
