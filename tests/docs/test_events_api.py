"""The page of the API is true: its curl commands run and are answered as it says, its codes are all codes."""

import json
import re
import shlex
import socket
import subprocess
import sys
import time
from pathlib import Path

import pages
import pytest

from vostro.capture.intake.reasons import MESSAGE_REASONS

PAGE = pages.read("events-api.md")
ADDRESS = "127.0.0.1:8642"
BANK = "bank: docs\nname: {en: Docs, zh: 文档}\ncurrency: CNY\nzone: Asia/Shanghai\n"
SERVE = """
import sys
from pathlib import Path
from vostro.api import serve
serve(Path(sys.argv[1]), port=int(sys.argv[2]), started=lambda served: print(served.url, flush=True))
"""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory):
    bank: Path = tmp_path_factory.mktemp("docs") / "b"
    bank.mkdir()
    (bank / "bank.yaml").write_text(BANK, encoding="utf-8")
    for block in pages.blocks(PAGE, "yaml"):
        path = bank / block.name
        path.parent.mkdir(exist_ok=True)
        path.write_text(block.text, encoding="utf-8")
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-c", SERVE, str(bank), str(port)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline()
    yield f"127.0.0.1:{port}"
    process.terminate()
    process.wait(60)


def commands(block: pages.Block) -> list[list[str]]:
    lexer = shlex.shlex(block.text, posix=True, punctuation_chars="\n")
    lexer.whitespace, lexer.whitespace_split = " \t\r", True
    found: list[list[str]] = [[]]
    for token in lexer:
        if set(token) == {"\n"}:
            found.append([])
        else:
            found[-1].append(token)
    return [words for words in found if words]


def test_commands_are_answered_as_the_page_says(address: str) -> None:
    blocks = pages.blocks(PAGE)
    asked = 0
    for block, after in zip(blocks, [*blocks[1:], None], strict=True):
        if block.language != "bash":
            continue
        for words in commands(block):
            answer = json.loads(_run([word.replace(ADDRESS, address) for word in words]))
            assert "code" not in answer or answer["code"] == "portrait.customer_unknown", answer
            asked += 1
        if after is not None and after.name == "answer":
            assert answer == json.loads(after.text)
    assert asked >= 7


def _run(words: list[str]) -> str:
    end = time.monotonic() + 30
    while True:
        done = subprocess.run([words[0], "-s", *words[1:]], capture_output=True, text=True, check=False)
        if done.returncode == 0 or time.monotonic() > end:
            assert done.returncode == 0, done.stderr
            return done.stdout
        time.sleep(0.1)


def test_every_code_of_messages_is_listed() -> None:
    section = pages.section(PAGE, "Rejected messages")
    listed = set(re.findall(r"\| `([a-z_]+)` \|", section))
    assert listed == set(MESSAGE_REASONS)
