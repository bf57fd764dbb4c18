"""Thanks, mistakes worth telling, and who takes part."""
