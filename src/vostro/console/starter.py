"""Starter 起步: the folder of definitions that a new bank starts from."""

import shutil
from pathlib import Path

from vostro.console.terminal import Terminal
from vostro.words import VostroError

__all__ = ["STARTER", "FolderTakenError", "make_bank"]

STARTER = Path(__file__).parents[1] / "starter"


class FolderTakenError(VostroError):
    """A new bank would overwrite something."""

    code = "console.folder_taken"
    status = 409
    en = "{folder} is there already and is not empty. Choose another folder; nothing was changed."
    zh = "{folder} 已存在且不为空。请换一个目录；未作任何改动。"


def make_bank(folder: Path, terminal: Terminal) -> None:
    """Write a new bank's folder from the starter definitions.

    Raises:
        FolderTakenError: the folder exists and is not empty.
    """
    if folder.exists() and any(folder.iterdir()):
        raise FolderTakenError(folder=str(folder))
    shutil.copytree(
        STARTER, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns(".vostro", "__pycache__")
    )
    terminal.say(
        f"A bank to start from is in {folder}. Change its definitions, then: vostro check {folder}",
        f"已在 {folder} 建好示例银行定义。修改后运行：vostro check {folder}",
    )
