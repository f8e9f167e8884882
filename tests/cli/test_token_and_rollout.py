"""`dohyo token` and `dohyo rollout`: the state of a service from the command line."""

import json

from dohyo.rollout.ledger import Ledger
from dohyo.rollout.roles import Caller
from dohyo.rollout.stages import Rollouts, Wanted


def test_tokens_are_made_listed_and_revoked(dohyo, tmp_path):
    made = json.loads(dohyo("token", "new", "team", "--role", "operator", "--json").out)
    assert made["token"].startswith("team.")
    assert dohyo("token", "new", "team").code == 2
    listed = json.loads(dohyo("token", "list", "--json").out)["tokens"]
    assert [(each["name"], each["role"]) for each in listed] == [("team", "operator")]
    assert "hash" not in listed[0]
    assert dohyo("token", "revoke", "team").code == 0
    assert "revoked" in dohyo("token", "list").out
    for wrong in (("new",), ("revoke", "nobody"), ("new", "a b"), ("new", "x", "--days", "0")):
        said = dohyo("token", *wrong)
        assert said.code == 2
        assert "Traceback" not in said.err


def test_one_command_returns_to_raw(dohyo, tmp_path):
    assert dohyo("rollout", "raw").code == 2
    ledger = Ledger(tmp_path / "dohyo-state" / "service.sqlite")
    boss = Caller("boss", "approver")
    Rollouts(ledger).change("goods", Wanted(map="m", stage="on"), boss, "")
    assert "corrected" in dohyo("rollout").out
    assert dohyo("rollout", "canary").code == 2
    said = json.loads(dohyo("rollout", "canary", "--percent", "10", "--json").out)
    assert (said["stage"], said["percent"]) == ("canary", 10)
    assert dohyo("rollout", "raw", "--why", "complaints").code == 0
    assert Rollouts(ledger).of("goods").stage == "off"
    assert ledger.history()[0]["why"] == "complaints"
    assert "補正前" in dohyo("rollout", "--lang", "ja").out
    assert dohyo("rollout", "raw", "--collection", "other").code == 2
    ledger.close()
