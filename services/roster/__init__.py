"""Who is who: schools, years, groups, people, families; imported from OneRoster 1.2 bundles."""
