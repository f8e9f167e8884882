import sys

import pytest

from dohyo.errors import MissingExtra
from dohyo.extras import require


def test_a_missing_extra_is_answered_with_the_line_to_type(monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(
        MissingExtra, match=r'^--engine ray needs ray\. pip install "dohyo\[ray\]"$'
    ):
        require("ray", extra="ray", needed_by="--engine ray")


def test_a_missing_submodule_names_the_package_to_install():
    with pytest.raises(MissingExtra, match=r"^The demo needs nowhere_at_all\. "):
        require("nowhere_at_all.inner", extra="demo", needed_by="The demo")


def test_a_package_that_is_installed_but_broken_is_not_blamed_on_the_user(tmp_path, monkeypatch):
    (tmp_path / "broken_inside.py").write_text("import nowhere_at_all\n")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ModuleNotFoundError, match="nowhere_at_all") as caught:
        require("broken_inside", extra="demo", needed_by="The demo")
    assert not isinstance(caught.value, MissingExtra)


def test_what_is_installed_is_returned():
    assert require("json", extra="demo", needed_by="The demo") is sys.modules["json"]
