"""The whole product on one machine, with a published district in it: `python -m deploy.demo`."""
