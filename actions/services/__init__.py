"""The team's containers: looked at, restarted, redeployed, scaled, stopped and started."""
