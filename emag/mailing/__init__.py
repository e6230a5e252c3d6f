"""How it leaves and what comes back."""
