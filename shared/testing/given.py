"""Given / When / Then over pure decisions: whole events are compared, no store and no mocks."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Concatenate, Generic, ParamSpec, TypeVar

from shared.contracts import Event
from shared.errors import Refused, SeveralRefused

S = TypeVar("S")
P = ParamSpec("P")


@dataclass(frozen=True)
class Outcome:
    events: tuple[Event, ...] | None
    refusal: Refused | None

    def then(self, *expected: Event) -> None:
        """Exactly these events, whole, in this order; none means «already so»."""
        assert self.refusal is None, f"refused: {self.refusal!r}"
        assert self.events == expected

    def refused(self, *kinds: type[Refused], at: Sequence[str] | None = None) -> None:
        """Exactly these refusals, at these pointers when given; each has its sentence in both languages."""
        assert self.refusal is not None, f"decided: {self.events!r}"
        several = self.refusal.refusals if isinstance(self.refusal, SeveralRefused) else (self.refusal,)
        assert [type(one) for one in several] == list(kinds)
        assert at is None or [one.at for one in several] == list(at)
        assert all(one.sentence("ru") and one.sentence("en") for one in several)


class Given(Generic[S]):
    """`given(fact, …).when(decision, …)` decides on the state that the facts lead to."""

    def __init__(self, evolve: Callable[[S, Event], S], initial: S, facts: tuple[Event, ...] = ()) -> None:
        self._evolve, self._initial, self._facts = evolve, initial, facts

    def __call__(self, *facts: Event) -> "Given[S]":
        return Given(self._evolve, self._initial, facts)

    def when(self, decide: Callable[Concatenate[S, P], Sequence[Event]], *args: P.args, **kwargs: P.kwargs) -> Outcome:
        """What the decision answers; a refusal is kept, any other exception is a bug and comes through."""
        try:
            return Outcome(tuple(decide(reduce(self._evolve, self._facts, self._initial), *args, **kwargs)), None)
        except Refused as refusal:
            return Outcome(None, refusal)
