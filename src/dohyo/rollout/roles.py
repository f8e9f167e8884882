"""Who may do what: each role may do all that the ones before it may."""

from dataclasses import dataclass
from typing import Literal, get_args

from dohyo.rollout.refusal import Refusal

Role = Literal["viewer", "operator", "approver"]
ROLES: tuple[Role, ...] = get_args(Role)


@dataclass(frozen=True, slots=True)
class Caller:
    """Who sends a request.

    Attributes
    ----------
    name : of the token, or "local" where none is needed
    role : of the token
    """

    name: str
    role: Role

    def may(self, role: Role) -> bool:
        """Whether this caller may do what a role may."""
        return ROLES.index(self.role) >= ROLES.index(role)

    def require(self, role: Role) -> None:
        """Refuse what the caller may not do.

        Raises
        ------
        Refusal
            403.
        """
        if not self.may(role):
            raise Refusal(
                403,
                "role",
                f"{self.name} is {self.role}; this needs {role}.",
                hint=f"Ask somebody with a token of the role {role}.",
            )
