"""Side-by-side timings of our addons and of what else there is; started by ``./bench``."""
