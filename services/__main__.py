"""`python -m services grades [api|worker|relay|migrate|rebuild|compare|…]`; without a role the first three."""

import sys
from importlib import import_module

from shared.process import main

USAGE = (
    "usage: python -m services <service> [api|worker|relay|migrate [--create]|rebuild [own-view|<projection>]..."
    "|compare [<projection>]..."
    "|replay <projection>|publish-again <topic>|recover --verify [--whole]|recover --heal [--yes]"
    "|recover --give-up <act> [--whole] [--yes]|audit verify [--topic]]"
)

if len(sys.argv) < 2 or not sys.argv[1].isidentifier():
    sys.exit(USAGE)
# by name, so that no service is imported by another's process
service = import_module(f"services.{sys.argv[1]}.main").SERVICE
sys.exit(main(service, sys.argv[2:]))
