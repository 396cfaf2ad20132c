"""What families, teachers and officers read: projections of everything that happened."""
