"""Events: when and where one takes place, what it costs, and whether it is over, as pure rules."""
