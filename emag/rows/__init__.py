"""The rows of each table, declared as SQLModel classes. Only a change of the tables needs them."""
