"""Model files: read back exactly, or refused in words."""

from pathlib import Path

import polars as pl
import pytest

from vostro.insight import ResponseModel
from vostro.insight.errors import ModelFileError


@pytest.fixture(scope="module")
def saved(small: pl.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("model") / "model.json"
    ResponseModel().fit(small, target="responded").save(path)
    return path


def test_the_file_is_text_and_stands_alone(saved: Path) -> None:
    assert saved.read_text(encoding="utf-8").startswith('{"format":1,')
    assert [each.name for each in saved.parent.iterdir()] == ["model.json"]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda body: body[: len(body) // 2],
        lambda body: b"",
        lambda body: b"\x80\x04pickle",
        lambda body: b"{}",
        lambda body: body.replace(b'"seed":0', b'"seed":1', 1),
        lambda body: body.replace(b'"format":1', b'"format":9', 1),
        lambda body: body.replace(b"leaf_value=0", b"leaf_value=1", 1).replace(
            b"leaf_value=-", b"leaf_value=", 1
        ),
    ],
    ids=["half", "empty", "not JSON", "another JSON", "changed", "another format", "a leaf changed"],
)
def test_a_spoilt_file_is_refused(saved: Path, tmp_path: Path, spoil: object) -> None:
    path = tmp_path / "model.json"
    path.write_bytes(spoil(saved.read_bytes()))
    with pytest.raises(ModelFileError, match=r"model\.json"):
        ResponseModel.load(path)


def test_absent_and_a_folder(tmp_path: Path) -> None:
    for path in (tmp_path / "nothing.json", tmp_path):
        with pytest.raises(ModelFileError):
            ResponseModel.load(path)


def test_a_failed_write_leaves_the_old_file(
    saved: Path, monkeypatch: pytest.MonkeyPatch, small: pl.DataFrame
) -> None:
    import os

    before = saved.read_bytes()
    monkeypatch.setattr(os, "fsync", lambda _: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    with pytest.raises(OSError, match="No space"):
        ResponseModel(seed=1).fit(small, target="responded").save(saved)
    assert saved.read_bytes() == before
    assert [each.name for each in saved.parent.iterdir()] == ["model.json"]
