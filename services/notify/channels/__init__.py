"""One module a channel, each with one function that sends one letter."""
