"""The tables of the ledger: one script for each version, run in order and never changed again."""

from typing import Final

FIRST: Final = """
CREATE TABLE IF NOT EXISTS audit (
    number INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT NOT NULL, who TEXT NOT NULL,
    role TEXT NOT NULL, action TEXT NOT NULL, subject TEXT NOT NULL, why TEXT NOT NULL,
    detail TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS rollouts (
    collection TEXT PRIMARY KEY, stage TEXT NOT NULL, percent REAL NOT NULL,
    map TEXT, strength REAL NOT NULL, interleave REAL NOT NULL);
CREATE TABLE IF NOT EXISTS proposals (
    number INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT NOT NULL, by TEXT NOT NULL,
    collection TEXT NOT NULL, wanted TEXT NOT NULL, why TEXT NOT NULL,
    state TEXT NOT NULL DEFAULT 'open', decided_at TEXT, decided_by TEXT, reason TEXT);
CREATE TABLE IF NOT EXISTS tokens (
    name TEXT PRIMARY KEY, hash BLOB NOT NULL, salt BLOB NOT NULL, role TEXT NOT NULL,
    made TEXT NOT NULL, expires TEXT, revoked TEXT);
CREATE TABLE IF NOT EXISTS feedback (
    search TEXT NOT NULL, rank INTEGER NOT NULL, kind TEXT NOT NULL, collection TEXT NOT NULL,
    arm TEXT NOT NULL, team TEXT NOT NULL, grade REAL, at TEXT NOT NULL,
    PRIMARY KEY (search, rank, kind));
CREATE TABLE IF NOT EXISTS shadow (
    collection TEXT NOT NULL, map TEXT NOT NULL, hour TEXT NOT NULL, sums TEXT NOT NULL,
    PRIMARY KEY (collection, map, hour));
CREATE TABLE IF NOT EXISTS secrets (name TEXT PRIMARY KEY, value BLOB NOT NULL);
"""

MONITOR: Final = """
ALTER TABLE proposals ADD COLUMN alarm INTEGER;
ALTER TABLE proposals ADD COLUMN report TEXT;
ALTER TABLE proposals ADD COLUMN before TEXT;
ALTER TABLE proposals ADD COLUMN snoozed_until TEXT;
CREATE UNIQUE INDEX one_proposal_for_an_alarm ON proposals (alarm) WHERE alarm IS NOT NULL;
CREATE TABLE approvals (
    proposal INTEGER NOT NULL, who TEXT NOT NULL, at TEXT NOT NULL, why TEXT NOT NULL,
    PRIMARY KEY (proposal, who));
CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE watches (
    name TEXT PRIMARY KEY, began TEXT NOT NULL, settings TEXT NOT NULL, saved BLOB, memory BLOB,
    bookmark BLOB, newest TEXT, forgotten TEXT, encoder TEXT, beat TEXT NOT NULL,
    silent INTEGER NOT NULL DEFAULT 0, refused_run INTEGER NOT NULL DEFAULT 0,
    canary_recall REAL, revision INTEGER NOT NULL DEFAULT 0);
CREATE TABLE batches (
    number INTEGER PRIMARY KEY AUTOINCREMENT, watch TEXT NOT NULL, id TEXT NOT NULL,
    at TEXT NOT NULL, received TEXT NOT NULL, outcome TEXT NOT NULL, why TEXT NOT NULL DEFAULT '',
    images INTEGER NOT NULL, texts INTEGER NOT NULL, evidence REAL NOT NULL,
    figures TEXT NOT NULL, UNIQUE (watch, id));
CREATE INDEX batches_by_time ON batches (watch, at);
CREATE TABLE counts (
    watch TEXT NOT NULL, what TEXT NOT NULL, n INTEGER NOT NULL, PRIMARY KEY (watch, what));
CREATE TABLE alarms (
    number INTEGER PRIMARY KEY AUTOINCREMENT, watch TEXT NOT NULL, at TEXT NOT NULL,
    received TEXT NOT NULL, batch TEXT, kind TEXT NOT NULL, detail TEXT NOT NULL,
    explained TEXT, adjusted TEXT, state TEXT NOT NULL DEFAULT 'open', snoozed_until TEXT);
CREATE TABLE canaries (
    watch TEXT PRIMARY KEY, source TEXT NOT NULL, digest TEXT NOT NULL, file TEXT NOT NULL,
    encoder TEXT NOT NULL, began TEXT NOT NULL, checked TEXT NOT NULL, result TEXT NOT NULL);
CREATE TABLE outbox (
    number INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL UNIQUE, channel TEXT NOT NULL,
    subject TEXT NOT NULL, body TEXT NOT NULL, made TEXT NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0, due TEXT NOT NULL, sent TEXT, trouble TEXT,
    given_up TEXT, aside INTEGER NOT NULL DEFAULT 0);
"""

VERSIONS: Final = (FIRST, MONITOR)
"""Version n of the ledger is what the first n scripts make."""


def statements(version: int) -> list[str]:
    """Return what leads from a version of the ledger to the newest, statement by statement."""
    parts = (part.strip() for script in VERSIONS[version:] for part in script.split(";"))
    return [part for part in parts if part]
