"""The commands of `duban`, a file each: what can be typed, what it calls, what it prints."""
