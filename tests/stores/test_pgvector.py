import socket
import struct
import sys
import threading
import time
from contextlib import contextmanager

import numpy as np
import pytest
from tests.stores import postgres
from tests.stores.test_behaviour import vectors

from dohyo.errors import MissingExtra, StoreError, UsageError
from dohyo.stores.protocol import Fields, Rows
from dohyo.stores.registry import open_store

DIM = 8
# Everything that PostgreSQL holds and a careless copy would change.
TYPES = {
    "n numeric(30, 20)": "1.00000000000000000001",
    "at timestamptz": "2026-01-02 03:04:05.678901+09",
    "until timestamp": "infinity",
    "day date": "0044-03-15 BC",
    "span interval": "1 mon 2 days 03:04:05",
    "raw bytea": "\\x00ff5c",
    "small real": "0.1",
    "doc jsonb": '{"猫": [1, 2.5, null, "NULL"]}',
    "old json": '{"a": "\\\\"}',
    "words text[]": '{"NULL",NULL,"a,b","\\"q\\"","\\\\",""}',
    "flags boolean[]": "{t,f,NULL}",
    "grid int[]": "{{1,2},{3,4}}",
    "odd float8": "NaN",
    "net inet": "10.0.0.1/24",
    '"a ""b:c"" $1 :x" text': "quoted",
    "fixed char(5)": "ab",
    "short varchar(3)": "猫猫猫",
}


def rows(count: int, *, dimension: int = DIM) -> Rows:
    payload = tuple({"modality": "image", "rank": i} for i in range(count))
    return Rows(tuple(range(1, count + 1)), vectors(count, dimension=dimension), payload)


@pytest.fixture
def url(tmp_path):
    return postgres.url(tmp_path)


@pytest.fixture
def db(url):
    with postgres.plain(url) as db:
        yield db


@pytest.fixture
def products(url, db):
    postgres.make(db, "products", rows(20))
    with open_store(url) as store:
        yield store


def test_a_missing_extra_is_answered_with_the_line_to_type(monkeypatch):
    monkeypatch.setitem(sys.modules, "pg8000", None)
    monkeypatch.delitem(sys.modules, "pg8000.native", raising=False)
    with (
        pytest.raises(
            MissingExtra,
            match=r'^A PostgreSQL store needs pg8000\. pip install "dohyo\[pgvector\]"$',
        ),
        open_store("postgresql://localhost/db"),
    ):
        pass


# Values


def test_every_type_of_a_payload_is_copied_without_loss(url, db):
    columns = ", ".join(TYPES)
    db.run(f"CREATE TABLE products (id int PRIMARY KEY, embedding vector({DIM}), {columns})")
    values = ", ".join(f"${i + 1}" for i in range(len(TYPES)))
    names = [name.rsplit(" ", 1)[0] if '"' in name else name.split(" ")[0] for name in TYPES]
    kinds = [name.removeprefix(n) for name, n in zip(TYPES, names, strict=True)]
    casts = ", ".join(f"CAST({v} AS {k})" for v, k in zip(values.split(", "), kinds, strict=True))
    given = dict(zip((f"v{i}" for i in range(len(TYPES))), TYPES.values(), strict=True))
    vector = str(vectors(1)[0].tolist())
    db.run(f"INSERT INTO products VALUES (1, '{vector}', {casts})", **given)
    db.run(f"INSERT INTO products VALUES (2, '{vector}')")
    with open_store(url) as store:
        store.create("corrected", DIM, like="products")
        for part in store.scan("products"):
            store.upsert("corrected", part)
    same = " AND ".join(f"p.{n}::text IS NOT DISTINCT FROM c.{n}::text" for n in names)
    [[count]] = db.run(
        f"SELECT count(*) FROM products p JOIN corrected c ON p.id = c.id WHERE {same}"
    )
    assert count == 2
    kind = "SELECT attname, atttypid, atttypmod FROM pg_attribute WHERE attnum > 0 AND attrelid = "
    assert db.run(f"{kind}'products'::regclass ORDER BY 1") == db.run(
        f"{kind}'corrected'::regclass ORDER BY 1"
    )


@pytest.mark.parametrize("kind", ["vector", "halfvec"])
def test_vectors_are_read_exactly_and_written_as_float32(url, db, kind):
    given = np.array([[0.1, -2.5e-5, 3.0], [1 / 3, 6e4, -0.0]], np.float32)
    db.run(f"CREATE TABLE products (id int PRIMARY KEY, v {kind}(3))")
    for row, vector in enumerate(given):
        db.run(f"INSERT INTO products VALUES ({row}, '{vector.tolist()}')")
    with open_store(url) as store:
        found = next(store.scan("products")).vectors
        wanted = given if kind == "vector" else given.astype(np.float16).astype(np.float32)
        np.testing.assert_array_equal(found, wanted)
        store.create("corrected", 3, like="products")
        store.upsert("corrected", Rows((1, 2), given, ({}, {})))
        np.testing.assert_array_equal(store.get("corrected", [1, 2]).vectors, given)
        assert [hit.id for hit in store.search("products", given[0], 1)] == [0]


def test_keys_that_the_database_counts_itself_are_kept(url, db):
    db.run(
        f"CREATE TABLE products (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, "
        f"v vector({DIM}), a int, twice int GENERATED ALWAYS AS (a * 2) STORED)"
    )
    db.run(f"INSERT INTO products (v, a) VALUES ('{vectors(1)[0].tolist()}', 21)")
    with open_store(url) as store:
        store.create("corrected", DIM, like="products")
        found = next(store.scan("products"))
        store.upsert("corrected", found)
        store.upsert("products", found)
        assert store.get("corrected", [1]).payload == ({"a": 21, "twice": 42},)


def test_a_row_without_a_vector_is_named(products, db):
    db.run("INSERT INTO products (id) VALUES (77)")
    with pytest.raises(StoreError, match="row 77 of products has no vector"):
        list(products.scan("products"))


def test_vectors_of_differing_lengths_are_named(url, db):
    db.run("CREATE TABLE products (id int PRIMARY KEY, v vector)")
    db.run("INSERT INTO products VALUES (1, '[1,2]'), (2, '[1,2,3]')")
    with open_store(url) as store, pytest.raises(StoreError, match=r"row 2.* 2 columns.* 3"):
        list(store.scan("products"))


# Which table, which columns


def test_a_table_in_another_schema_is_named_with_it(url, db):
    db.run("CREATE SCHEMA shop")
    postgres.make(db, "products", rows(3))
    db.run("ALTER TABLE products SET SCHEMA shop")
    with open_store(url) as store:
        assert store.collections() == ("shop.products",)
        store.create("shop.products__dohyo_01234567", DIM, like="shop.products")
        store.switch("shop.live", "shop.products__dohyo_01234567")
        assert store.resolve("shop.live") == "shop.products__dohyo_01234567"
        assert store.describe("shop.products").rows == 3


def test_an_extension_in_another_schema_is_found(tmp_path):
    url = postgres.url(tmp_path)
    with postgres.plain(url) as db:
        db.run("CREATE SCHEMA extensions")
        db.run("ALTER EXTENSION vector SET SCHEMA extensions")
        db.run(f"CREATE TABLE products (id int PRIMARY KEY, v extensions.vector({DIM}))")
    with open_store(url) as store:
        store.upsert("products", Rows((1,), vectors(1), ({},)))
        store.create("corrected", DIM, like="products")
        assert store.search("products", vectors(1)[0], 1)[0].score == pytest.approx(1)


def test_the_fields_can_be_named(url, db):
    db.run(
        f"CREATE TABLE products (a int PRIMARY KEY, sku text NOT NULL UNIQUE, "
        f"left_half vector(2), whole vector({DIM}))"
    )
    db.run(f"INSERT INTO products VALUES (1, 'x', '[1,2]', '{vectors(1)[0].tolist()}')")
    with open_store(url, fields=Fields(id="sku", vector="whole")) as store:
        found = next(store.scan("products"))
        assert found.ids == ("x",)
        assert found.vectors.shape == (1, DIM)
        assert found.payload == ({"a": 1, "left_half": "[1,2]"},)
    with open_store(url) as store, pytest.raises(StoreError, match="--vector-field"):
        store.describe("products")


def test_a_table_without_a_key_is_refused(url, db):
    db.run(f"CREATE TABLE products (id int, v vector({DIM}))")
    with open_store(url) as store, pytest.raises(StoreError, match="ADD PRIMARY KEY"):
        store.describe("products")


def test_vectors_of_more_than_2000_columns_work_without_an_index(url, db):
    postgres.make(db, "products", rows(5), metric="dot")
    with open_store(url) as store:
        store.create("corrected", 2_100, like="products")
        wide = rows(5, dimension=2_100)
        store.upsert("corrected", wide)
        assert store.search("corrected", wide.vectors[3], 1)[0].id == 4
        assert store.describe("corrected").metric == "dot"
    assert not db.run("SELECT FROM pg_indexes WHERE tablename = 'corrected' AND indexdef ~ 'hnsw'")


def test_indexes_of_the_payload_and_of_the_vectors_are_made_too(url, db):
    postgres.make(db, "products", rows(5))
    db.run("CREATE INDEX ON products (modality, rank)")
    db.run("CREATE INDEX ON products USING hnsw (vector vector_l2_ops) WITH (m = 7)")
    with open_store(url) as store:
        store.create("corrected", DIM + 1, like="products")
    made = [row[0] for row in db.run("SELECT indexdef FROM pg_indexes WHERE tablename='corrected'")]
    assert sorted(text.partition(" USING ")[2] for text in made) == [
        "btree (id)",
        "btree (modality, rank)",
        "hnsw (vector vector_ip_ops) WITH (m='7')",
    ]


def test_a_search_through_an_index_finds_as_many_as_asked_under_a_condition(url, db):
    given = rows(3_000)
    held = tuple({"modality": "image" if i % 100 else "text"} for i in range(3_000))
    postgres.make(db, "products", Rows(given.ids, given.vectors, held), metric="cosine")
    with open_store(url) as store:
        store._link.run("SET enable_seqscan = off")
        store._link.run("SET enable_sort = off")
        found = store.search("products", vectors(1)[0], 20, where={"modality": "text"})
        assert len(found) == 20
        assert len(store.search("products", vectors(1)[0], 200)) == 200


# Names that stand for tables


def test_a_view_that_does_more_than_show_a_table_is_no_alias(products, db):
    db.run("CREATE VIEW dear AS SELECT * FROM products WHERE rank > 3")
    db.run("CREATE VIEW twice AS SELECT a.* FROM products a, products b")
    db.run("CREATE VIEW live AS SELECT id, vector FROM products")
    assert [products.resolve(name) for name in ("dear", "twice", "live")] == [
        None,
        None,
        "products",
    ]
    with pytest.raises(StoreError, match="does more than show a table"):
        products.switch("dear", "products")
    assert products.collections() == ("products",)


def test_a_switch_keeps_who_may_read_the_view(products, db):
    name = f"reader_{time.time_ns()}"
    db.run(f"CREATE ROLE {name}")
    db.run("CREATE VIEW live WITH (security_barrier) AS SELECT * FROM products")
    db.run(f"GRANT SELECT ON live, products TO {name}")
    db.run("COMMENT ON VIEW live IS 'what the shop reads'")
    products.create("corrected", DIM + 1, like="products")
    products.switch("live", "corrected")
    for relation in ("live", "corrected"):
        assert db.run(f"SELECT has_table_privilege('{name}', '{relation}', 'SELECT')") == [[True]]
    assert db.run(
        "SELECT reloptions, obj_description(oid) FROM pg_class WHERE relname = 'live'"
    ) == [[["security_barrier=true"], "what the shop reads"]]
    db.run(f"DROP OWNED BY {name}")
    db.run(f"DROP ROLE {name}")


def test_a_view_that_others_need_is_left_alone_and_the_steps_are_told(products, db):
    products.create("corrected", DIM, like="products")
    products.switch("live", "products")
    db.run("CREATE VIEW top AS SELECT * FROM live LIMIT 3")
    with pytest.raises(StoreError, match="view top depends on view live") as told:
        products.switch("live", "corrected")
    assert 'DROP VIEW "public"."live"' in told.value.hint
    assert "\n" not in str(told.value)
    assert products.resolve("live") == "products"
    assert db.run("SELECT count(*) FROM top") == [[3]]


def test_the_steps_for_a_table_in_the_way_of_an_alias_do_what_they_say(products, db):
    target = "products__dohyo_01234567"
    products.create(target, DIM, like="products")
    with pytest.raises(StoreError) as told:
        products.switch("products", target)
    steps = told.value.hint[told.value.hint.index("BEGIN;") :]
    db.run(steps)
    assert products.resolve("products") == "products__raw__dohyo_01234567"
    assert products.describe("products__raw").rows == 20


def test_a_name_that_would_be_cut_off_is_refused(products):
    with pytest.raises(StoreError, match="63 bytes"):
        products.create("猫" * 22, DIM, like="products")
    with pytest.raises(StoreError, match="63 bytes"):
        products.switch("x" * 64, "products")
    assert products.collections() == ("products",)


# What goes wrong


@contextmanager
def role(db, *, password: str = "", grants: tuple[str, ...] = ()):
    name = f"role_{time.time_ns()}"
    db.run(f"CREATE ROLE {name} LOGIN" + (f" PASSWORD '{password}'" if password else ""))
    for grant in grants:
        db.run(f"GRANT {grant} TO {name}")
    try:
        yield name
    finally:
        db.run(f"DROP OWNED BY {name}")
        db.run(f"DROP ROLE {name}")


def test_a_right_that_is_missing_is_said_and_nothing_is_made(products, db, tmp_path):
    with (
        role(db, grants=("SELECT ON products",)) as name,
        open_store(postgres.url(tmp_path, user=name)) as store,
    ):
        assert sum(map(len, store.scan("products"))) == 20
        for action in (
            lambda: store.create("corrected", DIM, like="products"),
            lambda: store.upsert("products", rows(1)),
            lambda: store.delete("products", [1]),
            lambda: store.drop("products"),
            lambda: store.switch("live", "products"),
        ):
            with pytest.raises(StoreError, match=r"refuses: (permission denied|must be owner)"):
                action()
    assert products.collections() == ("products",)
    assert products.describe("products").rows == 20


def test_rows_that_a_policy_hides_are_refused_not_left_out(products, db, tmp_path):
    db.run("ALTER TABLE products ENABLE ROW LEVEL SECURITY")
    with (
        role(db, grants=("SELECT ON products",)) as name,
        open_store(postgres.url(tmp_path, user=name)) as store,
        pytest.raises(StoreError, match="row-level security"),
    ):
        list(store.scan("products"))
    with pytest.raises(StoreError, match="policies decide"):
        products.create("corrected", DIM, like="products")
    assert products.collections() == ("products",)


def wait_until_refused(url: str) -> None:
    """The server reads its rules a moment after it is told to."""
    for _ in range(200):
        try:
            with open_store(url) as store:
                store.collections()
        except StoreError:
            return
        time.sleep(0.05)


def test_a_wrong_password_is_refused_and_never_shown(products, db, tmp_path, monkeypatch):
    socket_folder = postgres.server()
    rules = socket_folder / "pg_hba.conf"
    before = rules.read_text()
    with role(db, password="right", grants=("SELECT ON products",)) as name:
        rules.write_text(f"local all {name} scram-sha-256\n{before}")
        db.run("SELECT pg_reload_conf()")
        wait_until_refused(postgres.url(tmp_path, user=name))
        try:
            for secret in ("wr0ng", ""):
                with (
                    open_store(postgres.url(tmp_path, user=name, password=secret)) as store,
                    pytest.raises(StoreError, match="password") as told,
                ):
                    store.collections()
                assert "wr0ng" not in str(told.value) + repr(told.value)
            monkeypatch.setenv("DOHYO_STORE_TOKEN", "right")
            with open_store(postgres.url(tmp_path, user=name)) as store:
                assert store.describe("products").rows == 20
        finally:
            rules.write_text(before)
            db.run("SELECT pg_reload_conf()")


def test_a_database_that_is_not_there_is_said(url):
    with (
        open_store(url.replace("/t", "/nothing_of_this_name_", 1)) as store,
        pytest.raises(StoreError, match="does not exist"),
    ):
        store.collections()


def test_what_a_server_says_before_it_hangs_up_is_not_lost(tmp_path):
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / ".s.PGSQL.5432"))
        listening.listen()

        def refuse() -> None:
            connection, _ = listening.accept()
            with connection:
                connection.recv(4096)
                connection.shutdown(socket.SHUT_RD)  # whoever says goodbye now finds nobody
                fields = b"SFATAL\0C28P01\0Mpassword authentication failed\0\0"
                connection.sendall(b"E" + struct.pack("!i", 4 + len(fields)) + fields)

        server = threading.Thread(target=refuse)
        server.start()
        with (
            open_store(f"postgresql://me:no@/db?host={tmp_path}") as store,
            pytest.raises(StoreError, match="password authentication failed"),
        ):
            store.collections()
        server.join()


def test_a_scan_goes_on_when_the_connection_is_cut(products, db):
    seen = []
    for part in products.scan("products", size=5):
        seen += part.ids
        db.run(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    assert seen == list(range(1, 21))


def test_a_transaction_whose_connection_is_cut_is_done_again_whole(products, db, monkeypatch):
    products.create("corrected", DIM, like="products")
    products.switch("live", "products")
    ask, cut = products._link._ask, []

    def cutting(sql, **values):
        if sql.startswith("CREATE VIEW") and not cut:
            cut.append(sql)
            db.run(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        return ask(sql, **values)

    monkeypatch.setattr(products._link, "_ask", cutting)
    products.switch("live", "corrected")
    assert cut
    assert products.resolve("live") == "corrected"


def test_a_switch_does_not_wait_behind_a_reader_for_ever(url, products, db):
    products.create("corrected", DIM, like="products")
    products.switch("live", "products")
    db.run("BEGIN")
    db.run("SELECT count(*) FROM live")
    with open_store(url, timeout=0.5) as store:
        with pytest.raises(StoreError, match="lock timeout"):
            store.switch("live", "corrected")
        db.run("COMMIT")
        store.switch("live", "corrected")
    assert products.resolve("live") == "corrected"


def test_a_statement_that_takes_too_long_is_ended_on_the_server(url):
    with open_store(url, timeout=0.3) as store, pytest.raises(StoreError, match="--timeout"):
        store._link.run("SELECT pg_sleep(20)")


def test_a_server_that_is_not_there_is_one_line_after_four_tries():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    started = time.monotonic()
    with (
        open_store(f"postgresql://u:s3cret@127.0.0.1:{port}/db") as store,
        pytest.raises(StoreError, match=r"does not answer.*tried 4 times") as told,
    ):
        store.collections()
    assert 2.5 < time.monotonic() - started < 6
    assert "s3cret" not in str(told.value)


def test_a_server_that_never_answers_is_given_up_after_its_time():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        started = time.monotonic()
        with (
            open_store(
                f"postgresql://127.0.0.1:{silent.getsockname()[1]}/db", timeout=0.3
            ) as store,
            pytest.raises(StoreError, match="TimeoutError"),
        ):
            store.collections()
        assert 3.5 < time.monotonic() - started < 8


def test_what_the_address_may_not_say_is_refused():
    for address, said in (
        ("postgresql://h/db?sslmode=sometimes", "sslmode"),
        ("postgresql://h/db?options=-c", "options in the URL"),
    ):
        with pytest.raises(UsageError, match=said), open_store(address):
            pass
