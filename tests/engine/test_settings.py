"""Settings: defaults < bank.yaml < environment; every fault named, with a suggestion."""

from pathlib import Path

import msgspec
import pytest

from vostro.engine import Settings, SettingUnknownError, SettingValueError, load_settings, settings_table
from vostro.words import LANGUAGES, FaultsError, Language


def bank_with(folder: Path, text: str) -> Path:
    (folder / "bank.yaml").write_text(text, encoding="utf-8")
    return folder


def test_defaults_hold_without_a_file(tmp_path: Path) -> None:
    settings = load_settings(tmp_path, {})
    assert settings.state_dir == tmp_path / ".vostro"
    assert settings.engine == "duckdb"


def test_the_environment_beats_the_file(tmp_path: Path) -> None:
    bank = bank_with(tmp_path, "bank: x\nsettings: {threads: 3, memory_limit_mb: 512, language: zh}\n")
    settings = load_settings(bank, {"VOSTRO_THREADS": "2", "PATH": "/bin"})
    assert (settings.threads, settings.memory_limit_mb, settings.language) == (2, 512, "zh")


def test_an_empty_variable_is_an_unset_one(tmp_path: Path) -> None:
    assert load_settings(tmp_path, {"VOSTRO_DATABASE_URL": "", "VOSTRO_THREADS": ""}) == load_settings(
        tmp_path, {}
    )


def test_state_dir_starts_at_the_bank(tmp_path: Path) -> None:
    assert load_settings(tmp_path, {"VOSTRO_STATE_DIR": "data"}).state_dir == tmp_path / "data"
    assert load_settings(tmp_path, {"VOSTRO_STATE_DIR": "/srv/x"}).state_dir == Path("/srv/x")


def test_all_faults_of_the_file_come_at_once_with_lines_and_a_suggestion(tmp_path: Path) -> None:
    bank = bank_with(tmp_path, "bank: x\nsettings:\n  thread: 3\n  memory_limit_mb: 1\n  language: fr\n")
    with pytest.raises(FaultsError) as caught:
        load_settings(bank, {})
    text = caught.value.say("en")
    assert "bank.yaml:3" in text and "Did you mean 'threads'?" in text
    assert "bank.yaml:4" in text and "integer, 128 or more" in text
    assert "bank.yaml:5" in text and "en or zh" in text
    assert "是否想写“threads”？" in caught.value.say("zh")


def test_a_misspelt_variable_is_refused_and_a_foreign_one_is_not(tmp_path: Path) -> None:
    with pytest.raises(SettingUnknownError, match="database_url"):
        load_settings(tmp_path, {"VOSTRO_DATABASE_URI": "x"})
    load_settings(tmp_path, {"VOSTRO_DATA": "/data", "VOSTRO_REQUIRE": "1"})


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_wrong_value_names_the_variable(tmp_path: Path, language: Language) -> None:
    with pytest.raises(SettingValueError) as caught:
        load_settings(tmp_path, {"VOSTRO_THREADS": "many"})
    said = caught.value.say(language)
    assert "VOSTRO_THREADS" in said and "many" in said and "1024" in said


def test_the_table_lists_every_setting_in_both_languages() -> None:
    for language in LANGUAGES:
        table = settings_table(language)
        for field in msgspec.structs.fields(Settings):
            assert f"| `{field.name}` | `VOSTRO_{field.name.upper()}` |" in table
        assert len({line.count("|") for line in table.splitlines()}) == 1


def test_a_password_is_never_shown() -> None:
    assert "secret" not in repr(Settings(database_url="postgresql://ann:secret@db/bank"))
