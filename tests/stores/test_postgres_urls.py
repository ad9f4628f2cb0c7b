"""What is said of a URL with a mistake, and of a connection that is not made: never a password."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from incidentkit import Desk
from incidentkit.errors import InvalidValue, Retryable
from incidentkit.stores.postgres import settings as options
from incidentkit.stores.postgres.faults import translated
from incidentkit.stores.postgres.store import PostgresStore
from tests.stores.postgres_server import server_url


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://u:ge heim@h:5/db",
        "postgresql://u:ge@heim@h/db",
        "postgresql://u:geheim#1@h/db",
        "postgresql://u:1/geheim@h/db",
        "postgresql://u:geheim?x@h/db",
        "postgresql://u:1?geheim=x@h/db",
        "postgresql://u:ge%zzheim@h/db",
        "postgresql://u:geheim@h:abc/db",
        "host=h password=geheim",
        "postgresql://u:geheim@[h/db",
        "postgresql://h/db?direct=host=h%20password=geheim",
        "postgresql://h/db?direct=postgresql://u:ge%25zzheim@h/db",
        "postgresql://u:geheim@h/db?poool=3",
        "postgresql://h/db?direct=postgresql://u:geheim@h/db?pool=3",
        "password=ge:heim",
    ],
)
def test_a_mistake_in_a_url_shows_no_password(url: str) -> None:
    for open_ in (options.from_url, Desk.open):
        with pytest.raises(InvalidValue) as refused:
            open_(url)
        assert "heim" not in str(refused.value)


def test_what_libpq_does_not_read_is_not_shown() -> None:
    with pytest.raises(InvalidValue, match=r"^conninfo: cannot be read") as refused:
        PostgresStore("postgresql://u:ge%zzheim@h/db")
    assert "heim" not in str(refused.value)


def test_a_mistyped_option_is_named_with_the_nearest() -> None:
    with pytest.raises(InvalidValue, match=r"^url: unknown option 'poool'; did you mean 'pool'\?"):
        options.from_url("postgresql://h/db?poool=3")
    assert options.from_url("postgres:///db?host=/run&sslmode=disable&pool=3").conninfo == (
        "postgres:///db?host=%2Frun&sslmode=disable"
    )


@pytest.mark.parametrize(
    ("change", "advice"),
    [
        ({"user": "nobody"}, "no such role"),
        ({"dbname": "nowhere"}, "no such database"),
        ({"host": "127.0.0.1", "port": "1"}, "nothing listens there"),
        ({"host": "/nowhere"}, "no server has that socket"),
    ],
)
def test_a_connection_that_is_not_made_says_what_to_do(change: dict[str, str], advice: str) -> None:
    given: dict[str, Any] = {**conninfo_to_dict(server_url()), **change, "password": "geheim"}
    store = PostgresStore(make_conninfo(**given))
    with pytest.raises(Retryable, match=advice) as refused:
        store.now()
    assert "geheim" not in str(refused.value)
    store.close()


def test_a_wrong_password_is_told_apart() -> None:
    said = 'connection failed: FATAL:  password authentication failed for user "u"'
    told = translated(psycopg.OperationalError(said), "the database")
    assert "is not that of the role" in str(told)
    assert "look at the URL" in str(translated(psycopg.OperationalError("kein Zutritt"), "it"))
