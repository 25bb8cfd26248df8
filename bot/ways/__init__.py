"""The ways out: one file each, the only ones that know PagerDuty's, Statuspage's and the mail's protocols."""
