"""The manual 手册: pages of the documentation that are made from the code, so that they cannot disagree."""

from pathlib import Path

from cyclopts import App

from vostro.engine import settings_table

__all__ = ["commands_page", "made_pages", "settings_page", "write_pages"]

_MADE = "<!-- Made by `make docs`; change the code, not this page. -->\n\n"


def commands_page(app: App) -> str:
    """Return the page of all commands of a command line, as Markdown."""
    return (
        "# Commands 命令\n\n"
        + _MADE
        + app.generate_docs(output_format="markdown", heading_level=2).strip()
        + "\n"
    )


def settings_page() -> str:
    """Return the page of all settings in both languages, as Markdown."""
    intro = (
        "A setting is written in `bank.yaml` under `settings:`, or given as an environment variable with the "
        "prefix `VOSTRO_` in capitals (`VOSTRO_MEMORY_LIMIT_MB=2048`), which wins.\n\n"
        "设置写在 `bank.yaml` 的 `settings:` 下，或用 `VOSTRO_` 前缀的大写环境变量给出（优先）。\n\n"
    )
    tables = "## English\n\n" + settings_table("en") + "\n\n## 中文\n\n" + settings_table("zh")
    return "# Settings 设置\n\n" + _MADE + intro + tables.strip() + "\n"


def made_pages(app: App) -> dict[str, str]:
    """Return every made page by its name in the folder of the documentation."""
    return {"commands.md": commands_page(app), "settings.md": settings_page()}


def write_pages(docs: Path, app: App) -> None:
    """Write every made page into the folder of the documentation."""
    for name, page in made_pages(app).items():
        (docs / name).write_text(page, encoding="utf-8")
