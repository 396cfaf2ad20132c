"""What is true of every service. Knows no service, and no noun of the school but in `contracts` and `access`."""
