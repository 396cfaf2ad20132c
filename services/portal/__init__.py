"""The one origin that browsers see: the web application, the session, the way to the services."""
