"""Docker engines: projects, containers, images."""
