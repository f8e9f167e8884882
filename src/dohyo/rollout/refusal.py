"""Every answer that is no success has one shape."""

from typing import Any

from dohyo.errors import DohyoError, MapError, MissingExtra, StoreError


class Refusal(Exception):
    """A request that is not carried out.

    Attributes
    ----------
    status : of HTTP, 4xx or 5xx
    code : a word for programs, which never changes
    what, hint : for people: what is wrong, and what to do
    retry_after : seconds after which to ask again; None where asking again helps nothing
    """

    def __init__(
        self, status: int, code: str, what: str, *, hint: str, retry_after: int | None = None
    ) -> None:
        super().__init__(what)
        self.status, self.code, self.what, self.hint = status, code, what, hint
        self.retry_after = retry_after

    @property
    def headers(self) -> dict[str, str]:
        """What goes into the answer's head."""
        head = {} if self.retry_after is None else {"retry-after": str(self.retry_after)}
        return head | ({"www-authenticate": "Bearer"} if self.status == 401 else {})

    def to_json(self, request_id: str) -> dict[str, Any]:
        """Return the one shape that every refusal has."""
        return {
            "error": {
                "code": self.code,
                "message": self.what,
                "hint": self.hint,
                "request_id": request_id,
            }
        }


def refusal_of(error: DohyoError) -> Refusal:
    """Return what a caller is told of an error of dohyo itself.

    What a store says of itself may hold addresses; a caller learns only that it failed.
    """
    if isinstance(error, StoreError):
        return Refusal(
            503,
            "store_failed",
            "The vector database did not answer as it should.",
            hint="Ask again; if it stays so, see /v1/ready and the service's log.",
            retry_after=2,
        )
    if isinstance(error, MissingExtra):
        return Refusal(501, "not_installed", error.what, hint=error.hint)
    status = 409 if isinstance(error, MapError) and "another map" in error.what else 400
    return Refusal(status, "bad_request", error.what, hint=error.hint)


def too_large(what: str, limit: str) -> Refusal:
    """Return the refusal of a body beyond a limit."""
    return Refusal(413, "too_large", f"{what} is larger than {limit}.", hint="Send it in parts.")


def busy(what: str, seconds: int = 1) -> Refusal:
    """Return the refusal of a request that would have to wait too long."""
    return Refusal(
        429, "busy", f"{what} is busy.", hint="Wait as Retry-After says.", retry_after=seconds
    )


def failed() -> Refusal:
    """Return what a caller is told of a fault of the service's own."""
    return Refusal(
        500, "failed", "The service failed at this.", hint="Tell the request_id to its owner."
    )
