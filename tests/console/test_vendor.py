"""The vendored chart library is the one that its README names, with its licences."""

import hashlib
import re
from pathlib import Path

import vostro.console

ECHARTS = Path(vostro.console.__file__).parent / "vendor" / "echarts"


def test_readme_names_the_version_and_the_digest_of_the_file() -> None:
    readme = (ECHARTS / "README.md").read_text(encoding="utf-8")
    script = (ECHARTS / "echarts.common.min.js").read_bytes()
    assert hashlib.sha256(script).hexdigest() in readme
    version = re.search(rb't\.version="([\d.]+)"', script)
    assert version and f"| version | {version[1].decode()} |" in readme
    assert not re.search(r"https?://", readme), "no host is named"


def test_licence_and_notice_come_along() -> None:
    assert "Apache License" in (ECHARTS / "LICENSE").read_text(encoding="utf-8")
    assert "Apache ECharts" in (ECHARTS / "NOTICE").read_text(encoding="utf-8")
    assert "Bostock" in (ECHARTS / "LICENSE-d3").read_text(encoding="utf-8")


def test_script_can_stand_inside_a_page() -> None:
    script = (ECHARTS / "echarts.common.min.js").read_text(encoding="utf-8")
    assert "</script" not in script.lower() and "<!--" not in script
    assert "\r" not in script, "a browser would change the text that the policy's digest is of"
