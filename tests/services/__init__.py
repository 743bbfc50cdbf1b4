"""Local stand-ins for the services: they answer over real HTTP, misbehaviour included."""
