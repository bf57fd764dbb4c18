"""What is heard as it happens: one follower of the log per process, and the connections that it wakes."""
