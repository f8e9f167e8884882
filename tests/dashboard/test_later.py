"""The pages come with the first visit; the service is there before."""

import subprocess
import sys

CODE = """
import sys, tempfile
from pathlib import Path
from starlette.testclient import TestClient
from dohyo.dashboard.later import dashboard_later
from dohyo.serve.app import application
from dohyo.serve.service import Service
from dohyo.serve.settings import Settings

service = Service(settings=Settings(state=Path(tempfile.mkdtemp())))
app = application(service, dashboard_later(None, None, language="ja"))
with TestClient(app, base_url="http://127.0.0.1") as client:
    said = [client.get("/v1/health").status_code, "altair" in sys.modules]
    first = client.get("/", follow_redirects=False, headers={"accept-language": "fr"})
    said += [first.status_code, first.headers["location"], "altair" in sys.modules]
    said += [client.get(f"/ja/{view}").status_code for view in ("overview", "health")]
    said += [client.post("/ja/rollout", data={}, headers={"origin": "https://x.example"}).status_code]
    said += [client.get("/v1/nowhere").status_code, client.get("/nowhere").status_code]
print(said)
"""


def test_the_pages_are_imported_at_the_first_visit_and_answer_it():
    said = subprocess.run(
        [sys.executable, "-c", CODE], capture_output=True, text=True, check=True
    ).stdout
    assert said.splitlines()[-1] == str(
        [200, False, 303, "/ja/overview", True, 200, 200, 403, 422, 404]
    )
