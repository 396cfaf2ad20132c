"""Addresses of feed readers: given what a person has, when he asks for one or takes one back, then this happens."""

from services.notify import feeds, rss, wishes
from services.notify.feeds import FeedKnown, Feeds, TooManyFeeds
from shared.contracts.notify import FeedShared, FeedWithdrawn
from shared.errors import NotFound
from shared.testing.given import Given
from shared.testing.school import OLGA, id_of

SECRET = "a" * 43
HASH = "0123456789abcdef" * 4
person = Given(feeds.evolve, Feeds())


def feed(name: str) -> FeedShared:
    return FeedShared(feed_id=id_of(name), person_id=OLGA, secret_hash=HASH)


def withdrawn(one: FeedShared) -> FeedWithdrawn:
    return FeedWithdrawn(feed_id=one.feed_id, person_id=OLGA)


def test_of_a_secret_the_hash_alone_is_kept() -> None:
    [event] = feeds.share(Feeds(), OLGA, id_of("one"), SECRET)
    assert isinstance(event, FeedShared)
    assert event.secret_hash == feeds.hashed(SECRET) != SECRET
    assert len(event.secret_hash) == 64


def test_an_address_is_never_given_twice_not_even_after_it_was_taken_back() -> None:
    one = feed("one")
    person(one).when(feeds.share, OLGA, one.feed_id, SECRET).refused(FeedKnown)
    person(one, withdrawn(one)).when(feeds.share, OLGA, one.feed_id, SECRET).refused(FeedKnown)


def test_a_person_has_at_most_ten_and_one_taken_back_makes_room() -> None:
    ten = [feed(f"feed {n}") for n in range(10)]
    person(*ten).when(feeds.share, OLGA, id_of("more"), SECRET).refused(TooManyFeeds)
    [event] = person(*ten, withdrawn(ten[0])).when(feeds.share, OLGA, id_of("more"), SECRET).events or ()
    assert isinstance(event, FeedShared)


def test_what_is_taken_back_stays_so_and_what_never_was_is_not_found() -> None:
    one = feed("one")
    person(one).when(feeds.withdraw, OLGA, one.feed_id).then(withdrawn(one))
    person(one, withdrawn(one)).when(feeds.withdraw, OLGA, one.feed_id).then()
    person().when(feeds.withdraw, OLGA, one.feed_id).refused(NotFound)


def test_a_feed_has_words_for_every_kind_of_notice_in_both_languages() -> None:
    for language in ("ru", "en"):
        assert wishes.DEFAULTS.keys() <= rss.WORDS[language].keys()
