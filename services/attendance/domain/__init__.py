"""The rules of attendance, pure: `rolls` as teachers take and correct them, `absences` as families announce them."""
