"""What Prometheus is told."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Metrics:
    """Counters of one service; a registry of its own, so that two can live in one process."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "dohyo_requests",
            "Answers by route and status.",
            ["route", "status"],
            registry=self.registry,
        )
        self.seconds = Histogram(
            "dohyo_request_seconds",
            "Time to the answer.",
            ["route"],
            buckets=SECONDS,
            registry=self.registry,
        )
        self.vectors = Counter(
            "dohyo_vectors", "Vectors corrected.", ["modality"], registry=self.registry
        )
        self.searches = Counter(
            "dohyo_searches", "Searches answered, by list.", ["arm"], registry=self.registry
        )
        self.shadowed = Counter(
            "dohyo_shadow_comparisons", "Answers compared.", ["done"], registry=self.registry
        )
        self.waiting = Gauge("dohyo_waiting", "Searches that wait.", registry=self.registry)
        self.stage = Gauge(
            "dohyo_rollout_stage",
            "0 off, 1 shadow, 2 canary, 3 on.",
            ["collection"],
            registry=self.registry,
        )
        self.percent = Gauge(
            "dohyo_rollout_corrected_percent",
            "Share of the searches that are corrected.",
            ["collection"],
            registry=self.registry,
        )
        self._sides: dict[str, Counter] = {}
        self._known: dict[tuple[str, int], tuple[Counter, Histogram]] = {}

    def answered(self, route: str, status: int, seconds: float) -> None:
        """Count one answer."""
        found = self._known.get((route, status))
        if found is None:
            found = self.requests.labels(route, str(status)), self.seconds.labels(route)
            self._known[route, status] = found
        found[0].inc()
        found[1].observe(seconds)

    def counts(self) -> dict[tuple[str, str], float]:
        """Return how many answers there were so far, by route and status."""
        return {
            (sample.labels["route"], sample.labels["status"]): sample.value
            for family in self.requests.collect()
            for sample in family.samples
            if sample.name == "dohyo_requests_total"
        }

    def corrected(self, modality: str, count: int) -> None:
        """Count vectors."""
        if modality not in self._sides:
            self._sides[modality] = self.vectors.labels(modality)
        self._sides[modality].inc(count)

    def text(self) -> bytes:
        """Return everything as Prometheus reads it."""
        return generate_latest(self.registry)
