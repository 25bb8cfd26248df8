"""The application through its actuator: looked at, dumped, collected."""
