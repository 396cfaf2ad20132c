"""What is written of a child and to each other: conversations, comments, remarks, signed weeks. Pure."""
