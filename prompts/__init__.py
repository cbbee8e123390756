"""The words said to a language model, as text files with named fields."""
