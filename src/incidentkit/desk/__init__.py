"""Desk and AsyncDesk: the drivers, and the only place where an effect meets a port."""
