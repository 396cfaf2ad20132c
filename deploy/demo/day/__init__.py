"""A school day played through the public HTTP API as its teachers and parents would: `python -m deploy.demo.day`.

`life` says what pupils are like, `journal` what people do of it on a day (a list of timed commands), `player` sends
the commands at any speed, `ways` in whose name and by which door. It knows a district by its files alone (`bundle`).
"""
