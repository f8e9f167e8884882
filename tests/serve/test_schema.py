"""schemathesis asks everything the OpenAPI document offers; nothing may fail."""

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import dohyo
from dohyo.corpus import Corpus
from dohyo.serve.app import application
from dohyo.serve.service import Indexed, Service
from dohyo.serve.settings import Settings
from dohyo.stores.registry import open_store

OPERATIONS = (
    ("POST", "/v1/transform"),
    ("POST", "/v1/search"),
    ("POST", "/v1/search/picture"),
    ("POST", "/v1/measure"),
    ("GET", "/v1/maps"),
    ("POST", "/v1/maps"),
    ("POST", "/v1/maps/{identity}/activate"),
    ("POST", "/v1/maps/rollback"),
    ("GET", "/v1/rollout"),
    ("PUT", "/v1/rollout"),
    ("POST", "/v1/rollout/proposals"),
    ("GET", "/v1/rollout/proposals"),
    ("POST", "/v1/rollout/proposals/{number}/approve"),
    ("POST", "/v1/rollout/proposals/{number}/reject"),
    ("POST", "/v1/rollout/proposals/{number}/snooze"),
    ("GET", "/v1/monitor"),
    ("GET", "/v1/monitor/alarms"),
    ("GET", "/v1/monitor/alarms/{number}"),
    ("POST", "/v1/monitor/alarms/{number}/close"),
    ("GET", "/v1/audit"),
    ("POST", "/v1/feedback"),
    ("GET", "/v1/health"),
    ("GET", "/v1/ready"),
    ("GET", "/v1/metrics"),
)


@pytest.fixture(scope="module")
def schema(shop, sides, tmp_path_factory):
    service = Service(
        settings=Settings(state=tmp_path_factory.mktemp("state"), host="0.0.0.0"),
        indexed=Indexed(collection="goods"),
        opening=open_store(shop),
    )
    service.start_with(dohyo.align(Corpus.from_arrays(*sides), "center", calibrate=1.0))
    gate = application(service)

    async def living(scope, receive, send):
        """The application without its end: schemathesis begins and ends it for every request."""
        if scope["type"] != "lifespan":
            await gate(scope, receive, send)
            return
        for phase in ("startup", "shutdown"):
            await receive()
            await send({"type": f"lifespan.{phase}.complete"})

    yield schemathesis.openapi.from_asgi("/v1/openapi.json", living)
    service.abandon()


def test_the_document_offers_what_is_asked_here(schema):
    offered = {(o.ok().method.upper(), o.ok().path) for o in schema.get_all_operations()}
    assert offered == set(OPERATIONS)


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_nothing_that_can_be_sent_makes_the_service_fail(schema, method, path):
    operation = schema[path][method]
    sound = operation.as_strategy()
    wrong = operation.as_strategy(generation_mode=schemathesis.GenerationMode.NEGATIVE)

    @settings(max_examples=30, suppress_health_check=list(HealthCheck), deadline=None)
    @given(st.one_of(sound, wrong))
    def ask(case):
        said = case.call()
        # What this small service has not got (an encoder) is told as 501, and that is an answer.
        assert said.status_code < 500 or said.status_code == 501, said.text
        if said.status_code >= 400:
            assert set(said.json()["error"]) == {"code", "message", "hint", "request_id"}

    ask()
