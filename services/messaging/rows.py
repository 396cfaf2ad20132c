"""Rows of a query by their names."""

from collections.abc import Mapping, Sequence
from typing import Any

from psycopg.rows import dict_row

from shared.postgres import Conn


def rows(conn: Conn, query: str, parameters: Sequence[Any] | Mapping[str, Any]) -> list[dict[str, Any]]:
    with conn.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(query.encode(), parameters).fetchall()
