"""The rim to HTTP: what every service's API does alike. README.md tells how a route is written."""
