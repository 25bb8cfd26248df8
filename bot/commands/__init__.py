"""The grammar of `/dr …` and `dr …`: one parser, one policy, a file a family of verbs."""
